// Brings the focus to a part of the page when it shows something new, never away from somebody who types.
((name, key) => {
  // A check box takes the focus but no text, and yet the keys of the desk are held back there: hand them on (P-04).
  if (!window.__unboughtKeys) {
    window.__unboughtKeys = true
    document.addEventListener("keydown", event => {
      if (!event.isTrusted || event.key.length !== 1 || event.key === " ") return
      if (!event.target.matches?.("input[type=checkbox], input[type=radio]")) return
      const { key, code, keyCode, altKey, ctrlKey, metaKey, shiftKey } = event
      const same = { key, code, keyCode, altKey, ctrlKey, metaKey, shiftKey, bubbles: true }
      document.body.dispatchEvent(new KeyboardEvent("keydown", same))
    })
  }
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
