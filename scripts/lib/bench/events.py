"""Webhooks as Stripe sends them: an `invoice.paid` of about 2 KB, signed now, each with an id of its own.

Such an event is stored and looked at by the worker without a question back to Stripe, so that what is measured is ours.
"""

import hashlib
import hmac
import json
import os
import time

PLACE = "evt_@@@@@@@@@@@@@@@@@@@@@@@@"


def body(event_id=PLACE):
    """The event's JSON, without line ends."""
    ids = {"subscription": "sub_BenchBenchBenchBenchBe", "subscription_item": "si_BenchBenchBe"}
    order = {"order_id": "ord_01930000000070008000000000000001"}
    line = {
        "id": "il_BenchBenchBenchBenchBe",
        "object": "line_item",
        "amount": 799,
        "currency": "usd",
        "description": "1 × Starter (at $7.99 / month)",
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": "in_bench0000000000000000",
        "livemode": False,
        "metadata": order,
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {"invoice_item": None, "proration": False, "proration_details": None, **ids},
            "type": "subscription_item_details",
        },
        "period": {"start": 1798800000, "end": 1801478400},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": "price_BenchBenchBenchBen", "product": "prod_BenchBench"},
            "type": "price_details",
            "unit_amount_decimal": "799",
        },
        "quantity": 1,
        "taxes": [],
    }
    invoice = {
        "id": "in_bench0000000000000000",
        "object": "invoice",
        "account_country": "US",
        "account_name": "Bench",
        "amount_due": 799,
        "amount_paid": 799,
        "amount_remaining": 0,
        "attempt_count": 1,
        "attempted": True,
        "auto_advance": False,
        "automatic_tax": {"enabled": False, "liability": None, "status": None},
        "billing_reason": "subscription_cycle",
        "collection_method": "charge_automatically",
        "created": 1798800000,
        "currency": "usd",
        "custom_fields": None,
        "customer": "cus_BenchBenchBe",
        "customer_email": "guest@example.com",
        "customer_name": "Gerda Guest",
        "discounts": [],
        "due_date": None,
        "ending_balance": 0,
        "hosted_invoice_url": "http://127.0.0.1/invoice/in_bench0000000000000000",
        "lines": {"object": "list", "data": [line], "has_more": False, "total_count": 1, "url": "/v1/invoices/x/lines"},
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": None,
        "number": "BENCH-0001",
        "parent": {"subscription_details": {"metadata": order, **ids}, "type": "subscription_details"},
        "period_end": 1798800000,
        "period_start": 1798800000,
        "status": "paid",
        "subtotal": 799,
        "total": 799,
    }
    event = {
        "id": event_id,
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": 1798800001,
        "data": {"object": invoice},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": "invoice.paid",
    }
    # No backslash in it: pgbench hands it to PostgreSQL in the form in which a backslash escapes.
    return json.dumps(event, ensure_ascii=False)


def write_signed(count, threads, secret, common_name):
    """Signs `count` events now and writes them to `common_name`.0, .1, …: one a line, signature header, tab, body."""
    before, after = body().split(PLACE)
    key, stamp = secret.encode(), str(int(time.time()))
    signer = hmac.new(key, f"{stamp}.".encode(), hashlib.sha256)
    for thread in range(threads):
        with open(f"{common_name}.{thread}", "w", encoding="utf-8") as out:
            for _ in range(count // threads):
                text = f"{before}evt_{os.urandom(12).hex()}{after}"
                one = signer.copy()
                one.update(text.encode())
                out.write(f"t={stamp},v1={one.hexdigest()}\t{text}\n")
