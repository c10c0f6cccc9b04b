// Counts down in words, in the browser, so that a waiting reviewer costs the server nothing (U-05).
((id, seconds, before, after, soon, warning) => {
  const end = Date.now() + seconds * 1000
  const warn = (place) => {
    if (place.classList.contains("is-soon")) return
    place.classList.add("is-soon")
    const told = document.createElement("div")
    told.setAttribute("role", "status")
    told.className = "unbought-unseen"
    place.parentElement.append(told)
    setTimeout(() => { told.textContent = warning }, 100)
  }
  const tick = () => {
    const place = document.getElementById(id)
    if (!place) return clearInterval(ticking)
    const left = Math.max(0, Math.round((end - Date.now()) / 1000))
    const clock = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`
    place.textContent = left > 0 ? `${before} ${clock}` : after
    if (left < soon) warn(place)
    if (left === 0) clearInterval(ticking)
  }
  const ticking = setInterval(tick, 500)
  tick()
})
