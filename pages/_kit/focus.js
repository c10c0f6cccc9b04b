// Brings the focus to a part of the page when it shows something new, never away from somebody who types.
((name, key) => {
  if (window.__unboughtFocus === key) return
  let tries = 0
  const focus = () => {
    const place = document.querySelector(`.st-key-${name}`)
    if (!place) return ++tries < 20 && setTimeout(focus, 50)
    window.__unboughtFocus = key
    if (document.activeElement?.matches("input, textarea, select, [contenteditable]")) return
    place.tabIndex = -1
    place.focus({ preventScroll: true })
  }
  focus()
})
