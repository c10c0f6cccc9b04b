// Spends the ticket once: the server answers with an HttpOnly cookie. The session itself never passes through here.
((ticket, path, method) => {
  if (window.__unboughtTicket === ticket) return
  window.__unboughtTicket = ticket
  fetch(path, { method, body: method === "POST" ? ticket : undefined, keepalive: true, credentials: "same-origin" })
})
