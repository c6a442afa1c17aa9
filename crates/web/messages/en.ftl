# What the shop's pages say, in English. Fluent syntax (https://projectfluent.org).

## The language itself
language-name = English
decimal-mark = .
group-mark = ,
amount-with-sign = { $minus }{ $sign }{ $number }
amount-with-code = { $minus }{ $number } { $code }
date-and-time = { $day } { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
} { $year }, { $time } UTC

## Around every page
skip-to-content = Skip to the content
nav-main = Main
nav-plans = Plans
nav-account = Account
nav-sign-in = Sign in
nav-sign-out = Sign out
acting-label = Acting for a customer
acting-for = You act for { $customer }. What you do is on record under your name.
acting-stop = Stop
footer-questions = Questions?
footer-language = Language

## The plans
plans-title = Plans
plans-description = Game servers, web hosting, WordPress, email and servers. Pay, and follow your order until it runs.
plans-headline = Hosting you can watch come to life
plans-lead = Pick a plan and pay. From then on you follow every step of your order live, until it runs. And if something needs one of us, you see that too.
plans-categories = Categories
plans-cycles = Billing period
plans-by-month = Charged by the period you choose; the price by the month is shown for comparison.
plans-none = Nothing is on sale yet
plans-none-text = The catalogue is empty. Please come back later.
plan-choose = Choose
plan-about = about
plan-other-cycle = Not sold by this period; this is the price for { $cycle }.
plan-month = a month
plan-once = once
plan-paid-once = Paid once
plan-charged-monthly = Charged every month
plan-charged = { $amount } charged { $every }
plan-save = Save { $percent } %
plan-trial = { $days ->
    [one] { $days } day free
   *[other] { $days } days free
}

kind-game = Game servers
kind-game-lead = Your own server in a control panel, in the region you choose.
kind-hosting = Web hosting
kind-hosting-lead = Websites on a free address of ours or on your own domain.
kind-wordpress = WordPress
kind-wordpress-lead = WordPress, installed for you.
kind-email = Email
kind-email-lead = Mailboxes under your own domain.
kind-vps = Virtual servers
kind-vps-lead = A server of your own with root access.
kind-cloud = Cloud servers
kind-cloud-lead = Managed servers.
kind-storage = Storage
kind-storage-lead = Room for backups and archives.

cycle-monthly = Monthly
cycle-quarterly = 3 months
cycle-semiannual = 6 months
cycle-yearly = 1 year
cycle-biennial = 2 years
cycle-triennial = 3 years
cycle-one-time = One time
every-monthly = every month
every-quarterly = every 3 months
every-semiannual = every 6 months
every-yearly = every year
every-biennial = every 2 years
every-triennial = every 3 years
every-one-time = once

## The desk
nav-desk = Desk
ago = { $age } ago
span-seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
span-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
span-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
span-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
desk-today = Today
desk-read-at = As of { $at }
desk-cases = Cases
desk-orders = Orders
desk-search = Search
desk-search-hint = Order, mail, domain, server, Stripe id
desk-search-button = Find
desk-search-for = What was found for { $text }
desk-search-what = An order's number, a customer's address or its beginning, a domain, a server's id or any of Stripe's ids.
desk-search-full = Only the newest are shown. Enter more of it to find less.
desk-nothing-found = Nothing was found.
desk-cases-open = Open cases
desk-cases-all = Closed ones too
desk-oldest = The oldest is { $age } old
desk-undelivered = Paid, not delivered yet
desk-unpaid = { $count ->
    [one] { $count } order waits for its payment
   *[other] { $count } orders wait for their payment
}
desk-orders-today = Paid orders today
desk-placed = { $count } placed
desk-delivery = From payment to service
desk-delivery-note = 95 % within { $p95 }, of { $count } in seven days
desk-delivery-none = Nothing was delivered in seven days
desk-last-event = Stripe's last event
desk-events-waiting = { $count } waiting to be processed
desk-no-event = None ever came: check the webhook in Stripe
desk-mails-failed = Mails that failed
desk-mails-waiting = { $count } on their way
desk-dead-jobs = Jobs given up
desk-workers = { $count ->
    [one] { $count } worker runs
   *[other] { $count } workers run
}
desk-monthly = Subscriptions bring in a month
chart-orders = Paid orders a day
chart-revenue = Revenue a day
chart-nothing = Nothing in these thirty days
chart-numbers = The numbers
chart-day = Day
desk-all = All
desk-older = Older ones
desk-no-orders = There is no such order.
desk-placed-at = Placed
desk-plan = Plan
desk-buyer = Buyer
desk-total = Total
desk-state = State
desk-disputed = Disputed
desk-order-pending = Not paid
desk-order-paid = Paid
desk-order-provisioning = Being set up
desk-order-provisioned = Delivered
desk-order-needs-attention = Needs attention
desk-order-expired = Expired
desk-order-cancelled = Cancelled
desk-order-refund-pending = Refund on its way
desk-order-refunded = Refunded
desk-mail-sent = Sent
desk-mail-queued = On its way
desk-mail-failed = Failed
desk-nobody-yet = Nobody yet
desk-next = Next:
desk-its-order = Its order
desk-open-order = Open the order
desk-no-cases = Nothing needs you
desk-no-cases-text = No case is open. What goes wrong with a payment, a delivery or a mail stands here within a minute.
desk-case = Case
desk-owner = Owner
desk-opened = Opened
desk-last-seen = Last seen
desk-times = { $count ->
    [one] once
   *[other] { $count } times
}
desk-told = The customer is told
desk-told-nothing = Nothing of it
desk-kind = Kind
desk-closed = Closed
desk-acts = What you can do
desk-do-next = Try again
desk-take = Take it
desk-release = Put it back
desk-resolution = How was it resolved?
desk-close = Close the case
desk-case-taken = The case is yours.
desk-case-released = The case is nobody's again.
desk-case-delivering = The order is being delivered again. The case closes by itself when its cause is gone.
desk-case-replaying = Its events are being processed again. The case closes by itself when its cause is gone.
desk-case-mailing = The mail is being sent again. The case closes by itself when it is out.
desk-case-closed = The case is closed.
desk-case-is-closed = This case is closed already.
desk-case-say-how = Say in a sentence how the case was resolved.
desk-case-by-hand = This cannot be put right from here: do what its next step says, then close it.
desk-order = Order { $id }
desk-retry = Deliver again
desk-act-for = Act for the customer
desk-act-not-for-staff = This buyer works for the shop; nobody acts in their place.
desk-as-customer = As the customer sees it
desk-order-retried = The order is being delivered again; the provider is looked at first.
desk-event-replayed = The event is being processed again.
desk-timeline = What happened
desk-events = Stripe's events
desk-no-events = None names this order.
desk-when = When
desk-what = What
desk-outcome = Came to
desk-waiting = Waiting
desk-replay = Process again
desk-mails = Mails
desk-no-mails = None was sent for it.
desk-to = To
desk-jobs = Jobs
desk-no-jobs = None waits, runs or was given up.
desk-tries = Tries
desk-sold = What was sold
desk-due-now = Due at once
desk-renewal = Renews for
desk-coupon = Coupon
desk-guest = Bought as a guest
desk-service = Service
desk-provider = Provider
desk-there = There
desk-id = Id
desk-no-service = None was promised yet.
desk-payments = Payments
desk-refunded = { $amount } went back
desk-no-payments = None was begun.
desk-system = System
desk-trail = Audit trail
desk-job-retry = Drive again
desk-job-retried = The job waits in its queue again.
desk-job-is-there = A live job does the same; nothing was done.
desk-why = Why
desk-no-dead-jobs = None was given up.
desk-queues = Queues
desk-queue = Queue
desk-ready = Ready
desk-for-later = For later
desk-running = Running
desk-oldest-job = The oldest waits
desk-paused = Paused
desk-goes = Goes
desk-most = at most { $count } at once
desk-rate = at most { $count } a second
desk-sweeps = Sweeps
desk-sweeps-text = They look for what was lost on the way. A sweep that finds something tells of webhooks that do not arrive, or of lost jobs.
desk-sweep = Sweep
desk-last-run = Last run
desk-looked-at = Looked at
desk-found = Found
desk-found-in-all = Found in all
desk-no-sweeps = None has run yet. Is a worker running?
desk-live-jobs = Jobs that wait or run
desk-who = Who
desk-to-what = To what
desk-changed = What changed
desk-role = Role
desk-customer-since = Customer since
desk-never-signed-in = has never signed in
desk-services = Services
desk-no-services = Nothing runs for this customer.
