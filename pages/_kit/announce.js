// Says an outcome to screen readers: a status that stands on the page before its words change.
((id, text) => {
  let place = document.getElementById("unbought-status")
  if (!place) {
    place = document.createElement("div")
    place.id = "unbought-status"
    place.setAttribute("role", "status")
    place.className = "unbought-unseen"
    ;(document.querySelector("[data-testid='stMain']") ?? document.body).append(place)
  }
  if (place.dataset.told === id) return
  place.dataset.told = id
  setTimeout(() => { place.textContent = text }, 100)
})
