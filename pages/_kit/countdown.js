// Counts down in words, in the browser, so that a waiting reviewer costs the server nothing (U-05).
((id, seconds, before, after) => {
  const end = Date.now() + seconds * 1000
  const tick = () => {
    const place = document.getElementById(id)
    if (!place) return clearInterval(ticking)
    const left = Math.max(0, Math.round((end - Date.now()) / 1000))
    const clock = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`
    place.textContent = left > 0 ? `${before} ${clock}` : after
    if (left === 0) clearInterval(ticking)
  }
  const ticking = setInterval(tick, 500)
  tick()
})
