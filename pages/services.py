"""Services: every seller of engagement, and one in detail."""

from pages._kit import layout, state
from pages._services import parts

here = state.here()
service_id = parts.wanted()
layout.head("Services", here, facts="sellers of engagement that act from customers' accounts")
if service_id:
    layout.keep("service_id", service_id)
    parts.detail(here, service_id)
else:
    parts.listing(here)
