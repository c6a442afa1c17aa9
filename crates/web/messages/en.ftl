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
desk-case-operating = What is to be done with the service is tried again.
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
## Fields and forms
field-optional = (optional)
field-email = E-mail address
field-password = Password
field-your-name = Your name
field-your-password = Your password
field-new-password = New password
field-password-hint = At least 8 characters.
form-problems = Please check this:
name-missing = Please enter your name.
name-wrong = Please enter a name of at most 100 characters on one line.
email-wrong = Please enter an e-mail address such as name@example.com.
too-many-tries = Too many tries. Please try again in { $wait }.
wait-seconds = { $seconds ->
    [one] a second
   *[other] { $seconds } seconds
}
wait-minutes = { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}

## What went wrong
error-number = Number:
error-to-plans = To the plans
error-forbidden = You may not do this
error-forbidden-text = Your role in the shop does not include it. An admin can change that.
error-acting = Only the customer does this
error-acting-text = You are acting in a customer's place, and this is left to them: nothing was done.
error-not-found = There is no such page
error-not-found-text = It may have moved, or the address has a typing mistake.
error-moved-text = It may have moved.
error-foreign-form = This form was refused
error-foreign-form-text = It was not sent from a page of this shop, so nothing was done. Open the page again and repeat it there.
error-bad-form = This form cannot be read
error-bad-form-text = Nothing was done. Go back, check what you entered, and send it again.
error-limited = Please wait a little
error-busy = We are busy right now
error-busy-text = The shop cannot look into its records at this moment. Nothing is lost: what you have paid for is on record and is delivered. Try again in a minute.
error-ours = Something went wrong on our side
error-ours-text = The mistake is on record. Try again, and if it stays, write to us with this number.
error-method = This address takes { $methods }.

## The order form
checkout-title = Order { $plan }
checkout-period = Billing period
checkout-you = You
checkout-signed-in-as = Signed in as
checkout-signed-in-text = The order is added to your account.
checkout-have-account = Have an account?
checkout-sign-in = Sign in
checkout-sign-in-text = first. Otherwise one is opened for you once you have paid.
checkout-email-hint = Your confirmation and, for a new account, your sign-in go here.
checkout-site = Your site
checkout-site-address = Address of your site
checkout-free-address = A free address of ours
checkout-own-domain = A domain I own
checkout-subdomain = Name of the free address
checkout-subdomain-hint = Letters, digits and hyphens. Leave it empty and we choose one.
checkout-subdomain-wrong = Please enter one name of letters, digits and hyphens, at most 40 characters.
checkout-domain = Your domain
checkout-domain-hint = A domain that you own already, such as example.com.
checkout-domain-wrong = Please enter your domain without http:// or a path, such as example.com.
checkout-server = Your server
checkout-server-name = Server name
checkout-server-name-hint = What it is called in the panel. Leave it empty and it is called like the plan.
checkout-server-name-wrong = Please enter at most 60 characters on one line.
checkout-region = Region
checkout-region-wrong = This plan is not offered there. Please choose one of the regions shown.
checkout-region-unknown = Region: '{ $asked }' is not offered for this plan; expected one of { $available }.
checkout-order = Your order
checkout-trial = Begin with { $days ->
    [one] { $days } day
   *[other] { $days } days
} for free
checkout-no-trial = This plan has no free trial for this billing cycle.
checkout-coupon = Coupon
checkout-apply = Apply
checkout-coupon-unknown = Unknown coupon '{ $code }'.
checkout-coupon-expired = Coupon { $code } expired on { $since }.
checkout-coupon-early = This coupon is not valid yet.
checkout-coupon-plan = This coupon is not valid for this plan.
checkout-coupon-currency = This coupon is in another currency than the plan's price.
checkout-start-trial = Start the free trial
checkout-order-free = Order for free
checkout-to-payment = Continue to payment
checkout-payment-page = You pay on the payment provider's own page; your card details never reach us.
checkout-price-changed = The price changed since you opened this page. Please look at it again before you order.
checkout-no-price = No active price for plan { $plan } ({ $cycle }).
checkout-unknown-cycle = Unknown billing cycle '{ $cycle }'; expected monthly, quarterly, semiannual, yearly, biennial, triennial or one_time.
checkout-gateway-away = The payment provider does not answer right now. Nothing was charged. Your order { $order } is kept: press the button again in a minute to go on with it.
checkout-gateway-refused = The payment provider refused this order ({ $order }). Nothing was charged. Write to us if this happens again.
checkout-used = This checkout was used before. Nothing was charged now; press the button again to place a new order.
checkout-away = We cannot take your order at this moment. Nothing was charged; press the button again in a minute.

## What is paid, when, and what comes off
summary-coupon = Coupon { $code }
summary-due = Due today
summary-first = First payment
summary-once = Paid once; nothing renews.
summary-renews = Renews at { $renewal } { $every }.
summary-discount-once = The discount counts once; renews at { $renewal } { $every }.
summary-trial = Free for { $days ->
    [one] { $days } day
   *[other] { $days } days
}, then { $renewal } { $every }.
summary-trial-discount = Free for { $days ->
    [one] { $days } day
   *[other] { $days } days
}, then { $total } for the first period and { $renewal } { $every } after it.

## On to the payment
payment-title = To the payment page
payment-headline = On to the payment page
payment-due = { $plan }: { $due } due today. Your order is saved.
payment-open = Open the payment page
payment-by-itself = It opens by itself; the button is for browsers that do not.

## An order
order-title = Order of { $plan }
order-summary = Your order
order-placed = Placed
order-mails = Mails go to
order-number = Order number
order-pay = Go to the payment page
order-again = Order again
order-disputed = The payment of this order is disputed at the bank; one of us looks at it.
order-reach = How to reach it
order-reach-also = It also stands in
order-reach-see = See
order-your-account = your account
order-access = Your access
order-access-text = Address and access are shown to the buyer only. If this was your first order, a mail with your sign-in goes to the address you ordered with.
order-sign-in = Sign in
order-history = What happened so far

step-placed = Order placed
step-payment = Payment
step-setup = Setting up
step-ready = Ready
step-done = done
step-now = in progress
step-later = to come
step-stopped = stopped

duration-none = less than a second
duration-seconds = { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
}
duration-minutes = { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}
duration-hours = { $hours ->
    [one] { $hours } hour
   *[other] { $hours } hours
}

## Where an order stands
story-paid = Payment received
story-paid-text = Setting up begins now. This page follows it; you can also close it, we write to you when it is ready.
story-ready = Ready to use
story-ready-text = It is set up and runs.
story-ready-after = It was set up { $span } after your payment and runs.
story-expired = The payment page has closed
story-expired-text = This order was not paid in time. Nothing was charged; order again whenever you like.
story-cancelled = This order was cancelled
story-cancelled-text = The payment did not go through, so nothing was set up. You can order again with the same or another way to pay.
story-refund-pending = We are sending your money back
story-refund-pending-text = Once it is sent, banks take up to ten days to show it.
story-refunded = This order was refunded
story-refunded-text = The money was sent back. Banks take up to ten days to show it.
story-confirming = Your bank is confirming the payment
story-confirming-text = You are done; some ways to pay take a few days to be confirmed. Setting up begins by itself as soon as the money is here.
story-no-page = The payment page could not be opened
story-no-page-text = The payment provider did not answer as it should. Nothing was charged. Please order again in a minute.
story-returned = We are checking your payment
story-returned-text = You came back from the payment page; its confirmation has not reached us yet. This page changes by itself when it does.
story-left = You left the payment page
story-left-text = Nothing was charged. The order waits for you for a while.
story-unpaid = Waiting for your payment
story-unpaid-text = Nothing was charged yet. Setting up begins once you have paid.
story-waits = Paid, and waiting for its place
story-waits-text = Where it will run does not answer or has no room at this moment. We keep trying; if it takes too long, one of us steps in.
story-installing = Created, now installing
story-installing-text = It exists and its software is being installed. This can take a few minutes.
story-uncertain = Being checked
story-uncertain-text = An answer was lost on the way. We look what is there before we go on, so that nothing is made twice.
story-creating = Being created
story-creating-text = Paid and on its way. This page follows it.
story-payment-attention = One of us looks at your payment
story-payment-attention-text = A payment arrived that does not fit this order. A person compares the two and then completes or refunds it. You need not do anything.
story-attention = One of us is finishing your order
story-attention-text = We have your order and your payment, and setting it up needs a person. You need not do anything: we finish it or refund you, and write to you.

history-placed = Order placed
history-page-opened = Payment page opened
history-no-page = The payment page could not be opened; nothing was charged
history-confirming = The bank is confirming the payment
history-paid = Payment received
history-failed = The payment failed
history-expired = The payment page closed unpaid
history-cancelled = Called off before it was paid
history-refund-asked = A refund was begun
history-refund-failed = Sending the money back did not go through
history-refund-retried = The refund is being sent once more
history-provisioning = Setting up began
history-installing = Created; installing
history-waits = Waiting for its place; we keep trying
history-ready = Ready to use
history-attention = Handed to one of us
history-gave-up = A step did not go through; our team is told
history-retried = One of us started setting up again
history-refunded = Money went back
history-refunded-in-full = The order ended with its refund
history-paid-twice = A second payment arrived; one of us sends it back
history-dispute-opened = The payment was disputed at the bank
history-dispute-closed = The dispute was closed

notice-payment-slow = Your payment has reached us, and recording it takes longer than it should. Our team has been told; you do not need to pay again.
notice-payment-differs = Your payment has reached us, and its amount differs from your order. Our team is looking at it and will finish your order or send the money back.
notice-paid-twice = Your order was paid twice. Our team has been told and will send one payment back.
notice-setup-slow = Setting up your service takes longer than usual. It goes on by itself, and our team has been told.
notice-setup-failed = Setting up your service did not go through by itself. Our team will finish it by hand or refund you; you do not need to do anything.
notice-refund-failed = Sending your money back did not go through by itself. Our team has been told and will see to it.
notice-service-missing = Your service cannot be found where it should run. Our team has been told.
notice-mail-failed = A mail to you could not be delivered. Please check your address, or write to us if you miss something.

## States, and how to reach a service
service-pending = Being set up
service-uncertain = Being checked
service-installing = Installing
service-active = Running
service-failed = With our team
service-past-due = Payment overdue
service-suspended = Suspended
service-ended = Ended
order-pending = Not paid yet
order-paid = Being set up
order-ready = Ready
order-attention = With our team
order-expired = Expired unpaid
order-cancelled = Cancelled
order-refund-pending = Refund on its way
order-refunded = Refunded
state-unknown = Being looked after
access-address = Address
access-panel = Panel
access-website = Website
access-php-version = PHP version

## Signing in
login-title = Sign in
login-wrong = The e-mail address or the password is wrong. A temporary password from a mail stops counting after a while.
login-busy = Many people are signing in right now. Please try again in a moment.
login-passkey = Sign in with a passkey
login-forgot = Forgot your password?
login-guest = Ordered as a guest? Your sign-in came by mail after the payment. No account yet?
login-register = Open one

second-factor-title = Your second factor
second-factor-lead = The password is right. Now show that it is you.
second-factor-start-over = Not you? Start over
code-app-or-recovery = Code from your app, or a recovery code
code-recovery = Recovery code
code-app = Code from the app

prove-title = Show that it is you
prove-lead = What comes next can lock you out or let others in, so we ask again. It counts for ten minutes.
prove-go-on = Go on

factor-wrong-code = This code does not count. Wait until your app shows the next one, and enter that.
factor-has-app = There is an authenticator app already; remove it first.
factor-no-app = No authenticator app is being set up; begin again.
factor-none-such = There is no such sign-in method.
factor-nothing-to-recover = Recovery codes belong to an authenticator app or a passkey; add one first.
factor-too-many-passkeys = There are as many passkeys as there may be; remove one first.
factor-name = Expected 1 to 60 characters, none of them a control character.
factor-spent = This took too long or was done before; try again.
factor-impossible = Passkeys need a shop that is reached by a name over https; PUBLIC_SITE_URL is none.
factor-refused = This passkey was not accepted.
factor-copied = This passkey was not accepted: it may have been copied; remove it and add it anew.

passkey-use = Use a passkey
passkey-script = This takes JavaScript and a browser that knows passkeys.
passkey-broken-off = That was broken off or took too long. Try again.
passkey-known = This device has a passkey of your account already.
passkey-failed = That did not work. Try again.
passkey-too-many-tries = Too many tries. Please try again later.
passkey-signed-out = Sign in to continue.

## Opening an account
register-title = Open an account
register-open = Open the account
register-have-one = Have one already?
register-sign-in = Sign in
register-mailed = A mail is on its way to you. Its link opens your account.
register-taken = This address has an account already. Sign in instead.
register-confirm = Open your account
register-confirm-lead = Enter the password that you chose when you registered; then the account is yours.
register-confirm-open = Open my account
register-wrong-password = This is not the password that you chose when you registered.

mailed-title = Look into your mail
mailed-more = Nothing there after some minutes? Look into the folder for unwanted mail, then try again.
mailed-to-sign-in = To the sign-in
mailed-spent = This link does not count any more: it was used, replaced by a newer one, or is too old. Please ask for a new one.

## Passwords
forgot-title = Choose a new password
forgot-lead = Enter the address of your account. We send you a link behind which you choose a new password.
forgot-send = Send me the link
forgot-mailed = If this address has an account, a mail with a link is on its way. The link counts for 30 minutes.
reset-lead = With it every device that is signed in is signed out.
reset-done = Your password is changed
reset-done-text = Sign in with it now.
reset-done-more = Every device that was signed in is signed out.
password-choose = Choose your own password
password-choose-text = You signed in with a temporary password. Choose your own to go on.
password-change = Change your password
password-change-text = You stay signed in here; everywhere else you are signed out.
password-save = Save the password
password-from-mail = Password from the mail
password-present = Present password
password-not-present = This is not your present password.
password-same = Please choose another password than the present one.
password-length = Please choose a password of { $min } to { $max } characters.
password-common = This password is on lists of passwords that are tried first. Please choose another.
password-known-words = Besides your name, your address and our name there is too little in this password. Please choose another.
password-other = Please choose another password.

## The account
account-title = Your account
account-password = Change password
account-address = Change address
account-services = Services
account-unreachable = How to reach it stands here as soon as it runs.
account-follow = Follow its order
account-no-services = You have no services yet.
account-choose-plan = Choose a plan
account-orders = Orders
account-no-orders = Nothing was ordered with this account yet.
account-sessions = Where you are signed in
session-here = This device
session-last-used = last used
session-end = Sign it out
session-end-device = Sign it out: { $device }
session-end-all = Sign out everywhere
device-unknown = A program that does not say its name
device-browser = { $browser } on { $system }
device-program = A program on { $system }

address-title = Use another address
address-send = Send a mail to the new address
address-lead = The account moves to the new address when the link in that mail is opened.
address-mailed = A mail to the new address is on its way. Its link counts for two hours.
address-confirm = Confirm your new address
address-use = Use this address
address-done = Your account has a new address
address-done-text = From now on you sign in with { $email }, and mails go there.
address-done-more = The former address was told.
address-to-account = To your account

## How somebody signs in
security-title = How you sign in
security-required = You work for this shop, so it takes a second factor from you. Add an authenticator app or a passkey; nothing else is open until then.
security-lead = So far your password alone opens this account. Add an authenticator app or a passkey, and a stolen password is worth nothing.
security-no-codes = You have no recovery codes left. Make new ones, so that a lost phone does not lock you out.
security-on = On
security-off = Off
security-app = Authenticator app
security-app-text = An app on your phone shows a code that you enter after your password.
security-app-remove = Remove the app
security-app-set-up = Set up an app
security-passkeys = Passkeys
security-passkeys-text = Your phone, computer or security key signs you in with finger, face or PIN, without a password.
security-passkey-name = Name of the passkey { $name }
security-rename = Rename
security-rename-named = Rename: { $name }
security-added = Added
security-last-used = last used
security-not-used = not used yet
security-remove = Remove
security-remove-named = Remove: { $name }
security-no-passkeys = This shop is reached by an address for which browsers have no passkeys.
security-codes = Recovery codes
security-codes-left = { $count } left
security-codes-text = Each opens your account once when app and passkeys are lost. New ones replace all former ones.
security-codes-new = Make new codes

app-title = Set up an authenticator app
app-lead = Scan this with an app such as Aegis, 2FAS, Google Authenticator or your password manager.
app-qr = QR code for your authenticator app
app-key = Or enter this key:
app-turn-on = Turn it on
passkey-add = Add a passkey
passkey-add-lead = Your browser asks for your finger, face or PIN. The key stays on your device; we keep only what checks it.
passkey-name = What do you call it?
passkey-name-hint = Such as «My phone».

codes-app-on = Your authenticator app is on
codes-passkey-added = Your passkey is added
codes-new = Your new recovery codes
codes-keep = Keep these recovery codes where you find them without your phone. Each opens your account once.
codes-once = They are shown this once.
codes-kept = I have kept them

## What is held on somebody
privacy-title = Your data
privacy-lead = What this shop holds on { $email }.
privacy-take = Take it along
privacy-take-text = One file with everything: your account, orders, payments, services, mails, sign-ins and what is on record about them.
privacy-download = Download everything (JSON)
privacy-erase = Erase it
privacy-erase-text = Possible once nothing runs any more and no payment is under way. Amounts and dates stay for the accounts, without your name.
privacy-erase-account = Erase my account
privacy-back = Back to your account
erase-title = Erase your account
erase-button = Erase everything that says who I am
erase-lead = Your name, your addresses, your sign-ins and what you chose are removed at once, and nobody can bring them back. What accounting law asks for stays: amounts and dates, under a number that leads to nobody.
erase-done = Your account is erased
erase-done-text = Nothing here says any more who you were.
erase-done-more = If you come back one day, you begin anew.
erase-not-yet = This cannot be done yet: { $what }. End it first, or write to us.
erase-staff = This account works for the shop. An admin takes its role first.

order-usual = This usually takes { $span } from the payment on.
order-stranger = This is how far the order is. To see what it is about, open the link in the mail that we sent you, or sign in.


# Payments, subscriptions and mails of a customer.
billing-title = Billing
billing-subscriptions = Subscriptions
billing-no-subscriptions = Nothing renews by itself.
billing-price = { $amount } { $every }
billing-renews = Renews on { $at }
billing-ends = Ends on { $at }; nothing more is charged.
billing-manage = Change payment method, cancel, see invoices
billing-manage-text = Opens the page of our payment provider. What you change there counts at once.
billing-payments = Payments
billing-no-payments = Nothing was paid with this account yet.
billing-refunded = ({ $amount } went back)
billing-portal-away = The payment provider's page cannot be opened at the moment. Please try again in a few minutes.
billing-portal-nothing = Nothing was charged to you through our payment provider yet, so it has no page for you.
portal-title = To the payment provider
portal-headline = Opening the page of our payment provider
portal-lead = There you change how you pay, cancel a subscription and find your invoices.
portal-open = Open the page
subscription-active = Active
subscription-trial = Free trial
subscription-ending = Ends soon
subscription-unpaid = Payment failed
subscription-ended = Ended
payment-paid = Paid
payment-waits = Being confirmed
payment-failed = Failed
payment-part-back = Part went back
payment-back = Went back
mails-title = Mails
mails-lead = What we wrote to { $address }. If something is missing in your inbox, look in the folder for unwanted mail, or write to us.
mails-none = Nothing was sent to you yet.
mail-sent = Sent
mail-queued = On its way
mail-failed = Not delivered
mail-order-confirmation = Order confirmation
mail-welcome = Welcome and your way in
mail-account-linked = An order was added to your account
mail-service-ready = Your service is ready
mail-order-attention = Your order takes longer
mail-payment-failed = A payment failed
mail-refunded = Money was sent back
mail-confirm-registration = Confirm your account
mail-already-registered = You have an account already
mail-reset-password = Choose a new password
mail-password-changed = Your password was changed
mail-confirm-address = Confirm your new address
mail-address-changed = Your address was changed
mail-second-factor = Your second factor was changed

# Money at the desk.
desk-refund = Send money back
desk-refund-amount = Amount
desk-refund-amount-hint = At most { $left }. With all of it the order ends.
desk-refund-reason = Reason
desk-refund-reason-hint = For us, and for the audit trail. The customer's pages and mails do not show it; an export of their data does.
desk-refund-no-amount = Write an amount like 3.50.
desk-refund-too-much = At most { $left } can go back, and more than nothing.
desk-refund-no-reason = Say in a few words why the money goes back.
desk-refund-nothing-left = Nothing of this order's payment is left to send back.
desk-refund-all = { $left } can go back. If all of it does:
desk-refund-ends-order = the order ends when the money is gone;
desk-refund-ends-subscription = its subscription ends at once, and nothing more is charged;
desk-refund-service-runs = its service runs on until somebody ends it: a case will ask for that;
desk-refund-tells = the customer is told by mail.
desk-refund-part = If a part of it does, order, subscription and service stay as they are.
desk-refund-not = Rather not
desk-refund-begun = The money is being sent back; this page says when it is gone.
desk-refund-of = { $amount } back
desk-case-refunding = The money is being sent back once more. The case closes by itself when it is gone.
desk-cancel = Call off
desk-order-called-off = The order is called off; its payment page is closed.
desk-subscription = Subscription
desk-subscription-renews = Renews on { $at }
desk-subscription-ends = Ends on { $at }
desk-preview = See what it would change
desk-event = Event of the payment provider
desk-event-says = What it says
desk-event-changes = What processing it again would change
desk-event-nothing = Nothing.
desk-event-unknown = The payment provider does not answer, so what would change is not known.

# Stock, comparison, gallery
plan-regions = Regions: { $regions }
plan-sold-out = Sold out
plan-few-left = Only { $left } left
compare-caption = { $category }: the plans compared
compare-by-month = Price per month
compare-charged = What is charged
compare-amount = { $amount } { $every }
compare-about = about { $figure }
compare-saving = Saving against paying by the month
compare-regions = Regions
compare-not-included = not included
compare-no-saving = none
checkout-no-room = { $plan } is sold out in { $region }; nothing was ordered. Choose another region, or come back later.
checkout-sold-out = { $plan } is sold out; nothing was ordered and nothing was charged.
checkout-other-plans = See the other plans
gallery-title = Gallery
gallery-lead = One of each component of these pages, in each of its states, with the plans of this shop. For whoever works on the design; customers never see it.
gallery-buttons = Buttons
gallery-tags = Tags
gallery-cards = Cards
gallery-fields = Fields
gallery-password = Password
gallery-notices = Notices
gallery-tables = Tables
gallery-charts = Charts
gallery-progress = Progress
gallery-empty = Empty states

## The desk: what is sold, coupons, customers, health, maintenance
desk-plain = { $text }
desk-catalogue = Catalogue
desk-no-products = Nothing is sold yet.
desk-catalogue-file = A catalogue file that is applied later makes everything as it says: what was changed here has to stand in it, too.
desk-price = { $amount }, { $period }
desk-prices = Prices
desk-prices-text = For the whole period. Leave a price empty where it is not sold by that period. A new amount counts for new orders; what was bought keeps its price.
desk-price-amount = Price, { $period }
desk-price-trial = Days of trial, { $period }
desk-product-new = New product
desk-product-added = The product is on record.
desk-product-saved = Saved.
desk-product-same = It is so already; nothing had to be changed.
desk-product-changed-meanwhile = Somebody else has changed this product since you opened it, so nothing was saved. Open it again and see what it says now.
desk-product-name = Name
desk-product-code = Code
desk-product-code-hint = Small letters, digits and hyphens, such as paper-4gb. It stays for ever.
desk-product-description = Description
desk-product-highlights = Selling points
desk-product-highlights-hint = One a line.
desk-product-position = Place in lists
desk-product-stock = How many there are
desk-product-stock-hint = Empty: no end to it. Running ones count, and so do orders that are being paid.
desk-product-position-hint = The smallest number comes first.
desk-product-settings = Settings of the provider
desk-product-settings-hint = JSON. They count for new orders.
desk-product-words = What customers read
desk-product-delivery = How it is delivered
desk-product-services = Services
desk-product-active = On sale
desk-product-retired = No longer sold
desk-changes = This will change
desk-changes-text = Nothing is saved yet.
desk-changes-save = Save these changes
desk-changes-show = Show what will change
desk-coupons = Coupons
desk-no-coupons = There are no coupons.
desk-coupon-new = New coupon
desk-coupon-added = The coupon counts.
desk-coupon-ended = The coupon is ended. What was bought with it keeps its price.
desk-coupon-code = Code
desk-coupon-code-hint = 3 to 40 letters, digits, _ or -.
desk-coupon-off = Takes off
desk-coupon-percent = Per cent off
desk-coupon-amount = Or an amount off
desk-coupon-duration = On which payments
desk-coupon-once = on the first payment
desk-coupon-forever = on every payment
desk-coupon-when = When
desk-coupon-from = From
desk-coupon-until = Until
desk-coupon-time-hint = In UTC: 2026-12-31 23:59
desk-coupon-since = from { $at }
desk-coupon-till = until { $at }
desk-coupon-always = always
desk-coupon-products = Products
desk-coupon-products-hint = Their codes, separated by commas; all products when empty.
desk-coupon-uses = Paid orders
desk-coupon-placed = { $count } placed
desk-coupon-end = End { $code }
desk-coupon-add = Make the coupon
desk-coupon-counts = Counts
desk-coupon-ended-state = Ended
desk-coupon-over = Over
desk-coupon-later = Not yet
desk-customers = Customers
desk-order-of = Order of the list
desk-newest = Newest first
desk-by-address = By address
desk-address-begins = The address begins with
desk-customer-name = Name
desk-customer-address = Address
desk-last-order = Last order
desk-more = More
desk-mail-send-again = Send again
desk-mail-again = The mail is on its way again.
desk-mail-twice = This mail was asked for a moment ago and is on its way already.
desk-mail-on-its-way = This mail is still on its way.
desk-mail-held-secret = Not sent again: it hands over a password or a link, which is kept nowhere once the mail is out. The customer gets a new one under «Forgot your password?».
desk-mail-erased = Not sent again: whoever it went to was erased.
desk-health = Health
desk-settings = Settings of this program
desk-settings-text = As it was started. Of secrets is said whether they are set, never what they are.
desk-setting = Variable
desk-setting-value = Value
desk-setting-set = set
desk-setting-unset = not set
desk-setting-empty = empty
health-fine = Fine
health-look = Look at it
health-broken = Broken
health-none = None that this program may see.
health-database = Database
health-answers = Answers
health-answers-in = A question took { $micros } µs.
health-answers-next = Look at the database server's load and at the network to it.
health-migrations = Migrations
health-migrations-none = Up to date.
health-migrations-missing = { $count ->
    [one] One is missing.
   *[other] { $count } are missing.
}
health-migrations-next = Run `hostwright migrate`, then `hostwright database grant`.
health-workers = Workers
health-worker-heard = Heard of { $age } ago.
health-worker-ends = It is ending; heard of { $age } ago.
health-worker-next = If it was not stopped on purpose, look at its log and start it again.
health-workers-none = None was heard of in the last hour: nothing is delivered and no mail goes out.
health-workers-next = Start hostwright-worker. What waits is done as soon as it runs.
health-queue = { $ready } may run, { $running } run, { $later } for later; the oldest has waited for { $age }.
health-queue-next = Look at System: does a job fail again and again? Otherwise start another worker.
health-queue-paused-next = Somebody paused it: `hostwright queues resume`.
health-dead-next = Look at System: mend the cause, then drive them again.
health-count = { $count }
health-never = never
health-events = Stripe's webhooks
health-received = Last event received
health-received-next = Stripe never called: check the webhook's address and secret in its dashboard, then `hostwright doctor`.
health-processed = Last event processed
health-events-waiting = Events that wait
health-events-next = Look at the workers first, then at the cases.
health-waiting = { $count }; the oldest: { $age }
health-mails-failed = Given up in the last 24 hours
health-mails-waiting = On their way
health-mails-next = Look at the cases: each mail that was given up has one. `hostwright doctor` tries the mail server.
health-sweep = Ended { $age } ago and found { $found }.
health-sweep-next = Look at the workers: they run the sweeps.
health-secrets = Secrets in the database
health-secret = { $count ->
    [0] None counts.
    [one] One counts.
   *[other] { $count } count.
}
health-secret-next = Keep a version that counts: `hostwright secrets set`.
desk-maintenance = Maintenance
maintenance-closed = The shop is closed.
maintenance-opened = The shop is open.
maintenance-is-closed = The shop is closed
maintenance-is-open = The shop is open
maintenance-since = Since { $at }.
maintenance-planned = Customers are told that it opens { $at }. It stays closed until somebody opens it.
maintenance-what = While it is closed, nothing can be ordered. What was paid is delivered; Stripe's webhooks, the worker, signing in and the desk go on.
maintenance-open = Open the shop
maintenance-close = Close the shop
maintenance-change = Say something else
maintenance-until = Planned until
maintenance-message = What customers are told
maintenance-message-hint = A sentence or two, shown on the page as it stands here.
maintenance-no-time = Enter a date and time in UTC, such as 2026-12-31 23:59.
maintenance-past = That time is over.
maintenance-too-far = That is more than a month away.
maintenance-message-long = Enter one line of up to 500 characters.
closed-title = We will be back soon
closed-text = The shop is being worked on at the moment.
closed-until = Planned until { $at }
closed-paid = What you bought goes on running, and what you paid for is delivered.
error-method-title = This does not work here
error-again = This page tries again by itself.
error-to-desk = To the desk
error-to-account = To your account

# Services at the desk.
desk-service-suspend = Suspend
desk-service-resume = Resume
desk-service-end = End the service
desk-service-end-text = What { $provider } keeps of it, data included, is deleted for good. There is no way back.
desk-service-end-yes = End it for good
desk-service-suspending = The service is being suspended at its provider; this page says when it is.
desk-service-resuming = The service is being resumed at its provider; this page says when it is.
desk-service-ending = The service is being ended at its provider; this page says when it is.
story-suspended = Suspended
story-suspended-text = Your service is set up, and paused at the moment. Write to us if you do not know why.
story-ended = This service has ended
story-ended-text = It was delivered and has been ended since. Nothing of it is kept.

## One service
account-use = Use and manage
service-reach = How to reach it
service-more = More about it
service-to-billing = Payments and subscription
service-console = Open its control panel
service-not-running = This service is not running just now, so nothing can be done with it here.
service-provider-cannot = This cannot be done from here. Please write to us.
service-provider-unsure = We could not see whether that was done. Look at the state below in a moment before you try again.
service-provider-away = The server does not answer just now. Nothing was done. Please try again in a moment.
console-title = To the control panel
console-headline = Opening your control panel
console-lead = It opens on the server where your service runs.
usage-title = What it uses
usage-away = The server does not tell just now.
usage-again = Look again
usage-activity = State
usage-running = Running
usage-starting = Starting
usage-stopping = Stopping
usage-stopped = Stopped
usage-cpu = Processor
usage-percent = { $percent } % of one core
usage-memory = Memory
usage-disk = Disk
usage-uptime = Running for
size-mib = { $size } MiB
size-gib = { $whole }.{ $tenth } GiB
power-title = Start and stop
power-start = Start
power-restart = Restart
power-stop = Stop
power-kill = Stop at once
power-kill-text = “Stop at once” ends it without saving. Use it only when “Stop” does not help.
power-started = It was told to start.
power-restarted = It was told to restart.
power-stopped = It was told to stop.
power-killed = It was stopped at once.
how-title = How to use it
how-game-join = Start your game, choose “join by address” or “add server”, and enter the address above.
how-game-settings = In its control panel you find the console, the settings and the files of your server.
how-game-stopped = If nobody can join, look at its state here first: a server that is stopped can be started with one click.
how-hosting-open = Open the address above: your site shows a page that says that it is ready.
how-hosting-files = Set its password on this page, then put your own files into its public folder with SFTP. PHP runs as soon as a file ends in .php.
how-hosting-domain = A domain of your own shows this site once its DNS record points to the same server as the address above.
how-wordpress-open = Open the address above: your site is there, with its first post.
how-wordpress-log-in = Log in at the address of the log-in page with the user name above.
how-wordpress-domain = A domain of your own shows this site once its DNS record points to the same server.
how-email-program = In your mail program choose IMAP and enter the server above and your whole address as the user name.
how-email-password = The password of the mailbox is its own; it is not that of your account here.
how-email-send = To receive mail under a domain of your own, its MX record has to point to the server above.
how-vps-log-in = Log in to the address above with SSH and the key or password that you chose.
how-vps-update = Install updates first. The server is yours alone, and so is keeping it safe.
how-wordpress-files = Themes and files of your own you also reach with SFTP, with the same password.
how-storage-connect = Connect with a program that speaks SFTP, such as FileZilla or Cyberduck, with server, port and user above.
how-storage-password = Its password is its own: set it on this page before you connect for the first time.
service-password-title = Its password
service-password-text = You sign in there with a password of its own. Nobody knows it but you: it is not kept here and cannot be shown, only set anew.
service-password-new = New password
service-password-save = Set this password
service-password-set = The new password counts from now on.
service-password-wrong = A password has { $min } to { $max } characters.
access-sign-in = Sign in
access-user-name = User name
access-imap-server = IMAP server
access-imap-port = IMAP port
access-sftp-server = SFTP server
access-sftp-port = SFTP port
access-sftp-user = SFTP user
access-to-do = To do
