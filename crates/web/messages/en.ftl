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
