"""How long a paid order waits until its provider is asked, when nothing else is going on.

Real purchases through the real programs and the sandbox, one after the other: a hosting plan and a game server in turn.
"""

import json
import time
import urllib.error
import urllib.request

import loads
from ground import PANEL_KEY, STRIPE_KEY, WEBHOOK_SECRET, BenchFailed, free_port

PATIENCE_S = 30


def call(method, url, body=None):
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise BenchFailed(f"{method} {url}: {error.code} {error.read().decode(errors='replace')[:400]}") from error


def start(ground, database):
    """Sandbox, api and worker; returns the addresses of api and sandbox."""
    http, smtp, port = free_port(), free_port(), free_port()
    sandbox = f"http://127.0.0.1:{http}"
    env = {
        "SANDBOX_LISTEN": f"127.0.0.1:{http}",
        "SANDBOX_SMTP_LISTEN": f"127.0.0.1:{smtp}",
        "SANDBOX_WEBHOOK_URL": f"http://127.0.0.1:{port}/api/webhooks/stripe",
        "SANDBOX_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "SANDBOX_STRIPE_KEY": STRIPE_KEY,
        "SANDBOX_PANEL_KEY": PANEL_KEY,
        "SANDBOX_PANEL_RATE_LIMIT": "0",
        "SANDBOX_INSTALL_SECONDS": "0",
    }
    ground.start("sandbox", [str(ground.bin / "hostwright-sandbox")], env)
    ground.answers("sandbox", sandbox + "/")
    url = ground.api("pickup-api", database, sandbox + "/stripe", port)
    services = {"PTERODACTYL_URL": sandbox + "/panel", "PTERODACTYL_API_KEY": PANEL_KEY, "PTERODACTYL_CALLS_PER_MINUTE": "0", "SMTP_PORT": smtp}
    ground.worker("pickup-worker", database, sandbox + "/stripe", services)
    return url, sandbox


def purchase(url, sandbox, number):
    order = {
        "planId": "paper-4gb" if number % 2 else "starter",
        "billingCycle": "monthly",
        "customer": {"name": "Gerda Guest", "email": f"pickup.{loads.new_word()}@example.com"},
    }
    session = call("POST", f"{url}/api/checkout/create-session", order)
    call("POST", f"{sandbox}/control/stripe/sessions/{session['sessionId']}/pay", {"outcome": "paid"})
    deadline = time.monotonic() + PATIENCE_S
    while True:
        status = call("GET", f"{url}/api/orders/{session['orderId']}")["order"]["status"]
        if status == "provisioned":
            return session["orderId"]
        if status not in ("pending", "paid", "provisioning") or time.monotonic() > deadline:
            raise BenchFailed(f"order {session['orderId']} is '{status}' after {PATIENCE_S} s or less")
        time.sleep(0.05)


def quiet(database):
    """Waits until the mails of the purchase before are out, too."""
    deadline = time.monotonic() + PATIENCE_S
    while int(database.sql("SELECT count(*) FROM jobs WHERE run_at < now() + interval '1 s'")) > 0:
        if time.monotonic() > deadline:
            raise BenchFailed("the queue does not become empty")
        time.sleep(0.05)


def uuid_of(order):
    hexadecimal = order.removeprefix("ord_")
    return "-".join((hexadecimal[:8], hexadecimal[8:12], hexadecimal[12:16], hexadecimal[16:20], hexadecimal[20:]))


def measure(ground, database, purchases, peaks):
    """Milliseconds from `paid` to `provisioning`, and from the webhook's arrival to `provisioning`, for each purchase."""
    database.sql("TRUNCATE jobs")
    url, sandbox = start(ground, database)
    orders = []
    with loads.watched(loads.memory_of(ground, "pickup-api", "pickup-worker"), peaks):
        purchase(url, sandbox, 0)  # the first one finds cold caches and unprepared statements
        purchase(url, sandbox, 1)
        for number in range(purchases):
            quiet(database)
            orders.append(purchase(url, sandbox, number))
    ground.stop("pickup-worker", "pickup-api", "sandbox")
    names = ",".join(f"'{uuid_of(order)}'" for order in orders)
    rows = database.sql(
        "SELECT extract(epoch FROM p.at - t.at) * 1000 || ' ' || extract(epoch FROM p.at - e.received_at) * 1000"
        " FROM order_timeline t JOIN order_timeline p ON p.order_id = t.order_id AND p.event = 'provisioning'"
        " JOIN stripe_events_log e ON e.order_id = t.order_id AND e.type = 'checkout.session.completed'"
        f" WHERE t.event = 'paid' AND t.order_id IN ({names})"
    )
    pairs = [tuple(map(float, row.split())) for row in rows.splitlines()]
    if len(pairs) != purchases:
        raise BenchFailed(f"{len(pairs)} timelines for {purchases} purchases")
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]
