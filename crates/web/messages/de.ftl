# Was die Seiten des Shops sagen, auf Deutsch. Fluent-Syntax (https://projectfluent.org).

## Die Sprache selbst
language-name = Deutsch
decimal-mark = ,
group-mark = .
amount-with-sign = { $minus }{ $number }{"\u00A0"}{ $sign }
amount-with-code = { $minus }{ $number }{"\u00A0"}{ $code }
date-and-time = { $day }. { $month ->
    [1] Jan.
    [2] Feb.
    [3] März
    [4] Apr.
    [5] Mai
    [6] Juni
    [7] Juli
    [8] Aug.
    [9] Sept.
    [10] Okt.
    [11] Nov.
   *[12] Dez.
} { $year }, { $time } UTC

## Um jede Seite
skip-to-content = Zum Inhalt springen
nav-main = Hauptmenü
nav-plans = Angebote
nav-account = Konto
nav-sign-in = Anmelden
nav-sign-out = Abmelden
acting-label = Für einen Kunden handeln
acting-for = Sie handeln für { $customer }. Was Sie tun, wird unter Ihrem Namen festgehalten.
acting-stop = Beenden
footer-questions = Fragen?
footer-language = Sprache

## Die Angebote
plans-title = Angebote
plans-description = Game-Server, Webhosting, WordPress, E-Mail und Server. Bezahlen und der Bestellung zusehen, bis alles läuft.
plans-headline = Hosting, dem Sie beim Entstehen zusehen
plans-lead = Angebot wählen und bezahlen. Von da an verfolgen Sie jeden Schritt Ihrer Bestellung, bis alles läuft. Und wenn jemand von uns gebraucht wird, sehen Sie auch das.
plans-categories = Kategorien
plans-cycles = Abrechnungszeitraum
plans-by-month = Abgerechnet wird nach dem gewählten Zeitraum; der Monatspreis dient dem Vergleich.
plans-none = Noch wird nichts angeboten
plans-none-text = Der Katalog ist leer. Bitte schauen Sie später wieder vorbei.
plan-choose = Auswählen
plan-about = etwa
plan-other-cycle = Für diesen Zeitraum nicht im Angebot; dies ist der Preis für: { $cycle }.
plan-month = im Monat
plan-once = einmalig
plan-paid-once = Einmal zu zahlen
plan-charged-monthly = Monatlich zu zahlen
plan-charged = { $amount } { $every }
plan-save = { $percent } % gespart
plan-trial = { $days ->
    [one] { $days } Tag gratis
   *[other] { $days } Tage gratis
}

kind-game = Game-Server
kind-game-lead = Ihr eigener Server mit Verwaltungsoberfläche, in der Region Ihrer Wahl.
kind-hosting = Webhosting
kind-hosting-lead = Websites unter einer freien Adresse von uns oder unter Ihrer eigenen Domain.
kind-wordpress = WordPress
kind-wordpress-lead = WordPress, für Sie installiert.
kind-email = E-Mail
kind-email-lead = Postfächer unter Ihrer eigenen Domain.
kind-vps = Virtuelle Server
kind-vps-lead = Ein eigener Server mit Root-Zugang.
kind-cloud = Cloud-Server
kind-cloud-lead = Server, um die wir uns kümmern.
kind-storage = Speicherplatz
kind-storage-lead = Platz für Backups und Archive.

cycle-monthly = Monatlich
cycle-quarterly = 3 Monate
cycle-semiannual = 6 Monate
cycle-yearly = 1 Jahr
cycle-biennial = 2 Jahre
cycle-triennial = 3 Jahre
cycle-one-time = Einmalig
every-monthly = jeden Monat
every-quarterly = alle 3 Monate
every-semiannual = alle 6 Monate
every-yearly = jedes Jahr
every-biennial = alle 2 Jahre
every-triennial = alle 3 Jahre
every-one-time = einmal

## Die Verwaltung
nav-desk = Verwaltung
ago = vor { $age }
span-seconds = { $count ->
    [one] { $count } Sekunde
   *[other] { $count } Sekunden
}
span-minutes = { $count ->
    [one] { $count } Minute
   *[other] { $count } Minuten
}
span-hours = { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}
span-days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tagen
}
desk-today = Heute
desk-read-at = Stand: { $at }
desk-cases = Fälle
desk-orders = Bestellungen
desk-search = Suche
desk-search-hint = Bestellung, Mail, Domain, Server, Stripe-Nummer
desk-search-button = Suchen
desk-search-for = Gefunden für { $text }
desk-search-what = Die Nummer einer Bestellung, die Adresse eines Kunden oder ihr Anfang, eine Domain, die Nummer eines Servers oder irgendeine Nummer von Stripe.
desk-search-full = Nur die neuesten werden gezeigt. Geben Sie mehr ein, um weniger zu finden.
desk-nothing-found = Nichts gefunden.
desk-cases-open = Offene Fälle
desk-cases-all = Auch geschlossene
desk-oldest = Der älteste besteht seit { $age }
desk-undelivered = Bezahlt, noch nicht geliefert
desk-unpaid = { $count ->
    [one] { $count } Bestellung wartet auf ihre Zahlung
   *[other] { $count } Bestellungen warten auf ihre Zahlung
}
desk-orders-today = Heute bezahlte Bestellungen
desk-placed = { $count } aufgegeben
desk-delivery = Von der Zahlung bis zum Dienst
desk-delivery-note = 95 % innerhalb von { $p95 }, von { $count } in sieben Tagen
desk-delivery-none = In sieben Tagen wurde nichts geliefert
desk-last-event = Letzte Meldung von Stripe
desk-events-waiting = { $count } noch zu verarbeiten
desk-no-event = Noch nie kam eine an: Prüfen Sie den Webhook bei Stripe
desk-mails-failed = Gescheiterte Mails
desk-mails-waiting = { $count } unterwegs
desk-dead-jobs = Aufgegebene Aufträge
desk-workers = { $count ->
    [one] { $count } Worker läuft
   *[other] { $count } Worker laufen
}
desk-monthly = Abonnements bringen im Monat
chart-orders = Bezahlte Bestellungen am Tag
chart-revenue = Einnahmen am Tag
chart-nothing = Nichts in diesen dreißig Tagen
chart-numbers = Die Zahlen
chart-day = Tag
desk-all = Alle
desk-older = Ältere
desk-no-orders = Es gibt keine solche Bestellung.
desk-placed-at = Aufgegeben
desk-plan = Angebot
desk-buyer = Käufer
desk-total = Summe
desk-state = Stand
desk-disputed = Angefochten
desk-order-pending = Nicht bezahlt
desk-order-paid = Bezahlt
desk-order-provisioning = In Einrichtung
desk-order-provisioned = Geliefert
desk-order-needs-attention = Braucht jemanden
desk-order-expired = Verfallen
desk-order-cancelled = Abgebrochen
desk-order-refund-pending = Erstattung unterwegs
desk-order-refunded = Erstattet
desk-mail-sent = Gesendet
desk-mail-queued = Unterwegs
desk-mail-failed = Gescheitert
desk-nobody-yet = Noch niemand
desk-next = Als Nächstes:
desk-its-order = Zur Bestellung
desk-open-order = Bestellung öffnen
desk-no-cases = Nichts braucht Sie
desk-no-cases-text = Kein Fall ist offen. Was mit einer Zahlung, einer Lieferung oder einer Mail schiefgeht, steht innerhalb einer Minute hier.
desk-case = Fall
desk-owner = Zuständig
desk-opened = Eröffnet
desk-last-seen = Zuletzt gesehen
desk-times = { $count ->
    [one] einmal
   *[other] { $count } Mal
}
desk-told = Dem Kunden gesagt
desk-told-nothing = Nichts davon
desk-kind = Art
desk-closed = Geschlossen
desk-acts = Was Sie tun können
desk-do-next = Noch einmal versuchen
desk-take = Übernehmen
desk-release = Zurücklegen
desk-resolution = Wie wurde er gelöst?
desk-close = Fall schließen
desk-case-taken = Der Fall gehört Ihnen.
desk-case-released = Der Fall gehört wieder niemandem.
desk-case-delivering = Die Bestellung wird noch einmal geliefert. Der Fall schließt sich von selbst, wenn seine Ursache behoben ist.
desk-case-replaying = Seine Meldungen werden noch einmal verarbeitet. Der Fall schließt sich von selbst, wenn seine Ursache behoben ist.
desk-case-mailing = Die Mail wird noch einmal gesendet. Der Fall schließt sich von selbst, wenn sie draußen ist.
desk-case-closed = Der Fall ist geschlossen.
desk-case-is-closed = Dieser Fall ist schon geschlossen.
desk-case-say-how = Sagen Sie in einem Satz, wie der Fall gelöst wurde.
desk-case-by-hand = Das lässt sich von hier aus nicht beheben: Tun Sie, was als Nächstes ansteht, und schließen Sie ihn dann.
desk-order = Bestellung { $id }
desk-retry = Noch einmal liefern
desk-act-for = Für den Kunden handeln
desk-act-not-for-staff = Dieser Käufer arbeitet für den Shop; niemand handelt an seiner Stelle.
desk-as-customer = Wie der Kunde sie sieht
desk-order-retried = Die Bestellung wird noch einmal geliefert; zuerst wird beim Anbieter nachgesehen.
desk-event-replayed = Die Meldung wird noch einmal verarbeitet.
desk-timeline = Was geschah
desk-events = Meldungen von Stripe
desk-no-events = Keine nennt diese Bestellung.
desk-when = Wann
desk-what = Was
desk-outcome = Ergab
desk-waiting = Wartet
desk-replay = Noch einmal verarbeiten
desk-mails = Mails
desk-no-mails = Für sie wurde keine gesendet.
desk-to = An
desk-jobs = Aufträge
desk-no-jobs = Keiner wartet, läuft oder wurde aufgegeben.
desk-tries = Versuche
desk-sold = Was verkauft wurde
desk-due-now = Sofort fällig
desk-renewal = Verlängert sich für
desk-coupon = Gutschein
desk-guest = Als Gast gekauft
desk-service = Dienst
desk-provider = Anbieter
desk-there = Dort
desk-id = Nummer
desk-no-service = Noch keiner zugesagt.
desk-payments = Zahlungen
desk-refunded = { $amount } gingen zurück
desk-no-payments = Keine wurde begonnen.
desk-system = System
desk-trail = Protokoll
desk-job-retry = Noch einmal ausführen
desk-job-retried = Der Auftrag wartet wieder in seiner Schlange.
desk-job-is-there = Ein laufender Auftrag tut dasselbe; es wurde nichts getan.
desk-why = Warum
desk-no-dead-jobs = Keiner wurde aufgegeben.
desk-queues = Warteschlangen
desk-queue = Schlange
desk-ready = Bereit
desk-for-later = Für später
desk-running = Laufend
desk-oldest-job = Der älteste wartet
desk-paused = Angehalten
desk-goes = Läuft
desk-most = höchstens { $count } zugleich
desk-rate = höchstens { $count } in der Sekunde
desk-sweeps = Durchsichten
desk-sweeps-text = Sie suchen, was unterwegs verloren ging. Findet eine etwas, kommen Webhooks nicht an oder Aufträge gingen verloren.
desk-sweep = Durchsicht
desk-last-run = Zuletzt
desk-looked-at = Angesehen
desk-found = Gefunden
desk-found-in-all = Gefunden insgesamt
desk-no-sweeps = Noch keine lief. Läuft ein Worker?
desk-live-jobs = Aufträge, die warten oder laufen
desk-who = Wer
desk-to-what = Woran
desk-changed = Was sich änderte
desk-role = Rolle
desk-customer-since = Kunde seit
desk-never-signed-in = war noch nie angemeldet
desk-services = Dienste
desk-no-services = Für diesen Kunden läuft nichts.
