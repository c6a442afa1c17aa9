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
desk-case-operating = Was mit dem Dienst geschehen soll, wird erneut versucht.
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
## Felder und Formulare
field-optional = (freiwillig)
field-email = E-Mail-Adresse
field-password = Passwort
field-your-name = Ihr Name
field-your-password = Ihr Passwort
field-new-password = Neues Passwort
field-password-hint = Mindestens 8 Zeichen.
form-problems = Bitte prüfen Sie:
name-missing = Bitte geben Sie Ihren Namen ein.
name-wrong = Bitte geben Sie einen Namen mit höchstens 100 Zeichen in einer Zeile ein.
email-wrong = Bitte geben Sie eine E-Mail-Adresse wie name@example.com ein.
too-many-tries = Zu viele Versuche. Bitte versuchen Sie es in { $wait } wieder.
wait-seconds = { $seconds ->
    [one] einer Sekunde
   *[other] { $seconds } Sekunden
}
wait-minutes = { $minutes ->
    [one] { $minutes } Minute
   *[other] { $minutes } Minuten
}

## Was schiefging
error-number = Nummer:
error-to-plans = Zu den Angeboten
error-forbidden = Das dürfen Sie nicht
error-forbidden-text = Ihre Rolle im Shop lässt es nicht zu. Ein Administrator kann das ändern.
error-acting = Das kann nur der Kunde selbst tun
error-acting-text = Sie handeln an Stelle eines Kunden, und dies bleibt ihm überlassen: Es wurde nichts getan.
error-not-found = Diese Seite gibt es nicht
error-not-found-text = Vielleicht ist sie umgezogen, oder die Adresse enthält einen Tippfehler.
error-moved-text = Vielleicht ist sie umgezogen.
error-foreign-form = Dieses Formular wurde abgelehnt
error-foreign-form-text = Es wurde nicht von einer Seite dieses Shops gesendet, deshalb wurde nichts getan. Öffnen Sie die Seite neu und wiederholen Sie es dort.
error-bad-form = Dieses Formular ist nicht lesbar
error-bad-form-text = Es wurde nichts getan. Gehen Sie zurück, prüfen Sie Ihre Angaben und senden Sie es noch einmal.
error-limited = Bitte warten Sie ein wenig
error-busy = Gerade ist viel los
error-busy-text = Der Laden kann im Augenblick nicht in seinen Büchern nachsehen. Nichts ist verloren: Was Sie bezahlt haben, steht fest und wird geliefert. Versuchen Sie es in einer Minute noch einmal.
error-ours = Bei uns ist etwas schiefgegangen
error-ours-text = Der Fehler ist festgehalten. Versuchen Sie es noch einmal, und wenn er bleibt, schreiben Sie uns mit dieser Nummer.
error-method = Diese Adresse nimmt { $methods } an.

## Das Bestellformular
checkout-title = { $plan } bestellen
checkout-period = Abrechnungszeitraum
checkout-you = Sie
checkout-signed-in-as = Angemeldet als
checkout-signed-in-text = Die Bestellung kommt zu Ihrem Konto.
checkout-have-account = Haben Sie ein Konto?
checkout-sign-in = Melden Sie sich an
checkout-sign-in-text = und bestellen Sie damit. Sonst wird eines für Sie eröffnet, sobald Sie bezahlt haben.
checkout-email-hint = Hierhin gehen die Bestätigung und, für ein neues Konto, Ihr Zugang.
checkout-site = Ihre Website
checkout-site-address = Adresse Ihrer Website
checkout-free-address = Eine freie Adresse von uns
checkout-own-domain = Eine Domain, die mir gehört
checkout-subdomain = Name der freien Adresse
checkout-subdomain-hint = Buchstaben, Ziffern und Bindestriche. Bleibt es leer, wählen wir einen.
checkout-subdomain-wrong = Bitte geben Sie einen Namen aus Buchstaben, Ziffern und Bindestrichen ein, höchstens 40 Zeichen.
checkout-domain = Ihre Domain
checkout-domain-hint = Eine Domain, die Ihnen schon gehört, etwa example.com.
checkout-domain-wrong = Bitte geben Sie Ihre Domain ohne http:// und ohne Pfad ein, etwa example.com.
checkout-server = Ihr Server
checkout-server-name = Name des Servers
checkout-server-name-hint = So heißt er in der Verwaltungsoberfläche. Bleibt es leer, heißt er wie das Angebot.
checkout-server-name-wrong = Bitte geben Sie höchstens 60 Zeichen in einer Zeile ein.
checkout-region = Region
checkout-region-wrong = Dort gibt es dieses Angebot nicht. Bitte wählen Sie eine der gezeigten Regionen.
checkout-region-unknown = Region: «{ $asked }» gibt es für dieses Angebot nicht; möglich sind { $available }.
checkout-order = Ihre Bestellung
checkout-trial = Mit { $days ->
    [one] einem Gratistag
   *[other] { $days } Gratistagen
} beginnen
checkout-no-trial = Dieses Angebot kann für diesen Abrechnungszeitraum nicht gratis getestet werden.
checkout-coupon = Gutschein
checkout-apply = Einlösen
checkout-coupon-unknown = Den Gutschein «{ $code }» gibt es nicht.
checkout-coupon-expired = Der Gutschein { $code } ist abgelaufen: { $since }.
checkout-coupon-early = Dieser Gutschein gilt noch nicht.
checkout-coupon-plan = Dieser Gutschein gilt nicht für dieses Angebot.
checkout-coupon-currency = Dieser Gutschein lautet auf eine andere Währung als der Preis des Angebots.
checkout-start-trial = Gratis testen
checkout-order-free = Kostenlos bestellen
checkout-to-payment = Weiter zur Zahlung
checkout-payment-page = Sie bezahlen auf der Seite des Zahlungsanbieters; Ihre Kartendaten erreichen uns nie.
checkout-price-changed = Der Preis hat sich geändert, seit Sie diese Seite geöffnet haben. Bitte sehen Sie ihn sich noch einmal an, bevor Sie bestellen.
checkout-no-price = Das Angebot { $plan } hat dafür keinen Preis ({ $cycle ->
    [monthly] monatlich
    [quarterly] vierteljährlich
    [semiannual] halbjährlich
    [yearly] jährlich
    [biennial] alle zwei Jahre
    [triennial] alle drei Jahre
   *[one_time] einmalig
}).
checkout-unknown-cycle = Den Abrechnungszeitraum «{ $cycle }» gibt es nicht; möglich sind monthly, quarterly, semiannual, yearly, biennial, triennial und one_time.
checkout-gateway-away = Der Zahlungsanbieter antwortet gerade nicht. Es wurde nichts abgebucht. Ihre Bestellung { $order } bleibt erhalten: Drücken Sie in einer Minute noch einmal auf den Knopf, um sie fortzusetzen.
checkout-gateway-refused = Der Zahlungsanbieter hat diese Bestellung abgelehnt ({ $order }). Es wurde nichts abgebucht. Schreiben Sie uns, wenn das wieder geschieht.
checkout-used = Dieses Bestellformular wurde schon benutzt. Jetzt wurde nichts abgebucht; drücken Sie noch einmal auf den Knopf, um neu zu bestellen.
checkout-away = Wir können Ihre Bestellung im Augenblick nicht annehmen. Es wurde nichts abgebucht; drücken Sie in einer Minute noch einmal auf den Knopf.

## Was wann zu zahlen ist und was abgezogen wird
summary-coupon = Gutschein { $code }
summary-due = Heute fällig
summary-first = Erste Zahlung
summary-once = Einmal zu zahlen; nichts verlängert sich.
summary-renews = Verlängert sich { $every } für { $renewal }.
summary-discount-once = Der Rabatt gilt einmal; verlängert sich { $every } für { $renewal }.
summary-trial = { $days ->
    [one] { $days } Tag
   *[other] { $days } Tage
} gratis, danach { $every } { $renewal }.
summary-trial-discount = { $days ->
    [one] { $days } Tag
   *[other] { $days } Tage
} gratis, dann { $total } für den ersten Zeitraum und danach { $every } { $renewal }.

## Weiter zur Zahlung
payment-title = Zur Zahlungsseite
payment-headline = Weiter zur Zahlungsseite
payment-due = { $plan }: Heute sind { $due } fällig. Ihre Bestellung ist gespeichert.
payment-open = Zahlungsseite öffnen
payment-by-itself = Sie öffnet sich von selbst; der Knopf ist für Browser, die das nicht tun.

## Eine Bestellung
order-title = Bestellung von { $plan }
order-summary = Ihre Bestellung
order-placed = Bestellt
order-mails = E-Mails gehen an
order-number = Bestellnummer
order-pay = Zur Zahlungsseite
order-again = Noch einmal bestellen
order-disputed = Die Zahlung dieser Bestellung wird bei der Bank bestritten; jemand von uns sieht es sich an.
order-reach = So erreichen Sie es
order-reach-also = Das steht auch in
order-reach-see = Das steht in
order-your-account = Ihrem Konto
order-access = Ihr Zugang
order-access-text = Adresse und Zugang sieht nur, wer bestellt hat. War dies Ihre erste Bestellung, geht eine E-Mail mit Ihrem Zugang an die Adresse, mit der Sie bestellt haben.
order-sign-in = Anmelden
order-history = Was bisher geschah

step-placed = Bestellt
step-payment = Zahlung
step-setup = Einrichtung
step-ready = Bereit
step-done = erledigt
step-now = läuft
step-later = steht noch aus
step-stopped = angehalten

duration-none = weniger als eine Sekunde
duration-seconds = { $seconds ->
    [one] { $seconds } Sekunde
   *[other] { $seconds } Sekunden
}
duration-minutes = { $minutes ->
    [one] { $minutes } Minute
   *[other] { $minutes } Minuten
}
duration-hours = { $hours ->
    [one] { $hours } Stunde
   *[other] { $hours } Stunden
}

## Wie es um eine Bestellung steht
story-paid = Zahlung eingegangen
story-paid-text = Jetzt beginnt die Einrichtung. Diese Seite begleitet sie; Sie können sie auch schließen, wir schreiben Ihnen, wenn alles bereit ist.
story-ready = Bereit
story-ready-text = Alles ist eingerichtet und läuft.
story-ready-after = Es wurde { $span } nach Ihrer Zahlung eingerichtet und läuft.
story-expired = Die Zahlungsseite ist geschlossen
story-expired-text = Diese Bestellung wurde nicht rechtzeitig bezahlt. Es wurde nichts abgebucht; bestellen Sie neu, wann immer Sie möchten.
story-cancelled = Diese Bestellung wurde storniert
story-cancelled-text = Die Zahlung kam nicht zustande, deshalb wurde nichts eingerichtet. Sie können noch einmal bestellen und auf dieselbe oder eine andere Weise bezahlen.
story-refund-pending = Wir senden Ihr Geld zurück
story-refund-pending-text = Ist es gesendet, kann es bei den Banken bis zu zehn Tage dauern, bis es erscheint.
story-refunded = Diese Bestellung wurde erstattet
story-refunded-text = Das Geld wurde zurückgesendet. Bei den Banken kann es bis zu zehn Tage dauern, bis es erscheint.
story-confirming = Ihre Bank bestätigt die Zahlung
story-confirming-text = Für Sie ist alles getan; manche Zahlungsarten werden erst nach einigen Tagen bestätigt. Die Einrichtung beginnt von selbst, sobald das Geld da ist.
story-no-page = Die Zahlungsseite ließ sich nicht öffnen
story-no-page-text = Der Zahlungsanbieter antwortete nicht, wie er sollte. Es wurde nichts abgebucht. Bitte bestellen Sie in einer Minute noch einmal.
story-returned = Wir prüfen Ihre Zahlung
story-returned-text = Sie sind von der Zahlungsseite zurück; ihre Bestätigung hat uns noch nicht erreicht. Sobald sie da ist, ändert sich diese Seite von selbst.
story-left = Sie haben die Zahlungsseite verlassen
story-left-text = Es wurde nichts abgebucht. Die Bestellung wartet eine Weile auf Sie.
story-unpaid = Wir warten auf Ihre Zahlung
story-unpaid-text = Es wurde noch nichts abgebucht. Die Einrichtung beginnt, sobald Sie bezahlt haben.
story-waits = Bezahlt, und es wird auf einen Platz gewartet
story-waits-text = Wo es laufen soll, antwortet gerade nichts, oder es ist kein Platz frei. Wir versuchen es weiter; dauert es zu lange, greift jemand von uns ein.
story-installing = Angelegt, wird jetzt installiert
story-installing-text = Es ist da, und die Software wird installiert. Das kann einige Minuten dauern.
story-uncertain = Wird geprüft
story-uncertain-text = Eine Antwort ging unterwegs verloren. Wir sehen nach, was da ist, bevor wir weitermachen, damit nichts doppelt entsteht.
story-creating = Wird angelegt
story-creating-text = Bezahlt und in Arbeit. Diese Seite begleitet es.
story-payment-attention = Jemand von uns sieht sich Ihre Zahlung an
story-payment-attention-text = Es ging eine Zahlung ein, die nicht zu dieser Bestellung passt. Jemand vergleicht beide und führt die Bestellung dann aus oder erstattet das Geld. Sie brauchen nichts zu tun.
story-attention = Jemand von uns stellt Ihre Bestellung fertig
story-attention-text = Ihre Bestellung und Ihre Zahlung sind da, und die Einrichtung braucht einen Menschen. Sie brauchen nichts zu tun: Wir stellen sie fertig oder erstatten Ihnen das Geld, und schreiben Ihnen.

history-placed = Bestellt
history-page-opened = Zahlungsseite geöffnet
history-no-page = Die Zahlungsseite ließ sich nicht öffnen; es wurde nichts abgebucht
history-confirming = Die Bank bestätigt die Zahlung
history-paid = Zahlung eingegangen
history-failed = Die Zahlung schlug fehl
history-expired = Die Zahlungsseite schloss sich ohne Zahlung
history-cancelled = Vor der Zahlung abgebrochen
history-refund-asked = Eine Erstattung wurde begonnen
history-refund-failed = Das Geld konnte nicht zurückgesendet werden
history-refund-retried = Die Erstattung wird noch einmal gesendet
history-provisioning = Einrichtung begonnen
history-installing = Angelegt; wird installiert
history-waits = Wartet auf einen Platz; wir versuchen es weiter
history-ready = Bereit
history-attention = An jemanden von uns übergeben
history-gave-up = Ein Schritt gelang nicht; unser Team weiß davon
history-retried = Jemand von uns hat die Einrichtung neu begonnen
history-refunded = Geld ging zurück
history-refunded-in-full = Die Bestellung endete mit ihrer Erstattung
history-paid-twice = Eine zweite Zahlung ging ein; jemand von uns sendet sie zurück
history-dispute-opened = Die Zahlung wurde bei der Bank bestritten
history-dispute-closed = Der Streit um die Zahlung ist beigelegt

notice-payment-slow = Ihre Zahlung ist bei uns, und sie zu verbuchen dauert länger, als es sollte. Unser Team weiß davon; Sie müssen nicht noch einmal bezahlen.
notice-payment-differs = Ihre Zahlung ist bei uns, und ihr Betrag weicht von Ihrer Bestellung ab. Unser Team sieht es sich an und stellt Ihre Bestellung fertig oder sendet das Geld zurück.
notice-paid-twice = Ihre Bestellung wurde zweimal bezahlt. Unser Team weiß davon und sendet eine der Zahlungen zurück.
notice-setup-slow = Die Einrichtung Ihres Dienstes dauert länger als üblich. Sie geht von selbst weiter, und unser Team weiß davon.
notice-setup-failed = Die Einrichtung Ihres Dienstes gelang nicht von selbst. Unser Team stellt sie von Hand fertig oder erstattet Ihnen das Geld; Sie brauchen nichts zu tun.
notice-refund-failed = Ihr Geld konnte nicht von selbst zurückgesendet werden. Unser Team weiß davon und kümmert sich darum.
notice-service-missing = Ihr Dienst ist nicht zu finden, wo er laufen sollte. Unser Team weiß davon.
notice-mail-failed = Eine E-Mail an Sie war nicht zustellbar. Bitte prüfen Sie Ihre Adresse, oder schreiben Sie uns, wenn Ihnen etwas fehlt.

## Zustände, und wie ein Dienst zu erreichen ist
service-pending = Wird eingerichtet
service-uncertain = Wird geprüft
service-installing = Wird installiert
service-active = Läuft
service-failed = Bei unserem Team
service-past-due = Zahlung überfällig
service-suspended = Gesperrt
service-ended = Beendet
order-pending = Noch nicht bezahlt
order-paid = Wird eingerichtet
order-ready = Bereit
order-attention = Bei unserem Team
order-expired = Unbezahlt verfallen
order-cancelled = Storniert
order-refund-pending = Erstattung unterwegs
order-refunded = Erstattet
state-unknown = In Arbeit
access-address = Adresse
access-panel = Verwaltungsoberfläche
access-website = Website
access-php-version = PHP-Version

## Anmelden
login-title = Anmelden
login-wrong = Die E-Mail-Adresse oder das Passwort ist falsch. Ein vorläufiges Passwort aus einer E-Mail gilt nach einer Weile nicht mehr.
login-busy = Gerade melden sich viele an. Bitte versuchen Sie es gleich noch einmal.
login-passkey = Mit einem Passkey anmelden
login-forgot = Passwort vergessen?
login-guest = Haben Sie als Gast bestellt? Ihr Zugang kam nach der Zahlung per E-Mail. Noch kein Konto?
login-register = Eröffnen Sie eines

second-factor-title = Ihr zweiter Faktor
second-factor-lead = Das Passwort stimmt. Zeigen Sie jetzt, dass Sie es sind.
second-factor-start-over = Nicht Sie? Von vorn beginnen
code-app-or-recovery = Code aus Ihrer App oder ein Wiederherstellungscode
code-recovery = Wiederherstellungscode
code-app = Code aus der App

prove-title = Zeigen Sie, dass Sie es sind
prove-lead = Was jetzt kommt, kann Sie aussperren oder andere hereinlassen; deshalb fragen wir noch einmal. Es gilt zehn Minuten.
prove-go-on = Weiter

factor-wrong-code = Dieser Code gilt nicht. Warten Sie, bis Ihre App den nächsten zeigt, und geben Sie den ein.
factor-has-app = Es gibt schon eine Authentifizierungs-App; entfernen Sie die zuerst.
factor-no-app = Es wird gerade keine Authentifizierungs-App eingerichtet; beginnen Sie neu.
factor-none-such = Diesen Weg, sich anzumelden, gibt es nicht.
factor-nothing-to-recover = Wiederherstellungscodes gehören zu einer Authentifizierungs-App oder einem Passkey; fügen Sie zuerst eines davon hinzu.
factor-too-many-passkeys = Mehr Passkeys sind nicht möglich; entfernen Sie zuerst einen.
factor-name = Bitte geben Sie 1 bis 60 Zeichen ein, keines davon ein Steuerzeichen.
factor-spent = Das dauerte zu lange oder geschah schon einmal; versuchen Sie es noch einmal.
factor-impossible = Passkeys brauchen einen Shop, der unter einem Namen über https erreichbar ist; PUBLIC_SITE_URL ist keiner.
factor-refused = Dieser Passkey wurde nicht angenommen.
factor-copied = Dieser Passkey wurde nicht angenommen: Er ist womöglich kopiert; entfernen Sie ihn und fügen Sie ihn neu hinzu.

passkey-use = Passkey benutzen
passkey-script = Dazu braucht es JavaScript und einen Browser, der Passkeys kennt.
passkey-broken-off = Das wurde abgebrochen oder dauerte zu lange. Versuchen Sie es noch einmal.
passkey-known = Dieses Gerät hat schon einen Passkey Ihres Kontos.
passkey-failed = Das gelang nicht. Versuchen Sie es noch einmal.
passkey-too-many-tries = Zu viele Versuche. Bitte versuchen Sie es später wieder.
passkey-signed-out = Melden Sie sich an, um fortzufahren.

## Ein Konto eröffnen
register-title = Konto eröffnen
register-open = Konto eröffnen
register-have-one = Haben Sie schon eines?
register-sign-in = Melden Sie sich an
register-mailed = Eine E-Mail ist unterwegs zu Ihnen. Der Link darin eröffnet Ihr Konto.
register-taken = Diese Adresse hat schon ein Konto. Melden Sie sich damit an.
register-confirm = Ihr Konto eröffnen
register-confirm-lead = Geben Sie das Passwort ein, das Sie beim Registrieren gewählt haben; dann gehört das Konto Ihnen.
register-confirm-open = Mein Konto eröffnen
register-wrong-password = Das ist nicht das Passwort, das Sie beim Registrieren gewählt haben.

mailed-title = Sehen Sie in Ihre E-Mails
mailed-more = Nach einigen Minuten noch nichts da? Sehen Sie im Ordner für unerwünschte E-Mails nach, dann versuchen Sie es noch einmal.
mailed-to-sign-in = Zur Anmeldung
mailed-spent = Dieser Link gilt nicht mehr: Er wurde benutzt, durch einen neueren ersetzt oder ist zu alt. Bitte fordern Sie einen neuen an.

## Passwörter
forgot-title = Ein neues Passwort wählen
forgot-lead = Geben Sie die Adresse Ihres Kontos ein. Wir senden Ihnen einen Link, unter dem Sie ein neues Passwort wählen.
forgot-send = Link senden
forgot-mailed = Wenn diese Adresse ein Konto hat, ist eine E-Mail mit einem Link unterwegs. Der Link gilt 30 Minuten.
reset-lead = Damit wird jedes angemeldete Gerät abgemeldet.
reset-done = Ihr Passwort ist geändert
reset-done-text = Melden Sie sich jetzt damit an.
reset-done-more = Jedes Gerät, das angemeldet war, ist abgemeldet.
password-choose = Wählen Sie ein eigenes Passwort
password-choose-text = Sie haben sich mit einem vorläufigen Passwort angemeldet. Wählen Sie ein eigenes, um weiterzukommen.
password-change = Passwort ändern
password-change-text = Hier bleiben Sie angemeldet; überall sonst werden Sie abgemeldet.
password-save = Passwort speichern
password-from-mail = Passwort aus der E-Mail
password-present = Jetziges Passwort
password-not-present = Das ist nicht Ihr jetziges Passwort.
password-same = Bitte wählen Sie ein anderes Passwort als das jetzige.
password-length = Bitte wählen Sie ein Passwort mit { $min } bis { $max } Zeichen.
password-common = Dieses Passwort steht auf Listen von Passwörtern, die zuerst versucht werden. Bitte wählen Sie ein anderes.
password-known-words = Außer Ihrem Namen, Ihrer Adresse und unserem Namen enthält dieses Passwort zu wenig. Bitte wählen Sie ein anderes.
password-other = Bitte wählen Sie ein anderes Passwort.

## Das Konto
account-title = Ihr Konto
account-password = Passwort ändern
account-address = Adresse ändern
account-services = Dienste
account-unreachable = Wie Sie es erreichen, steht hier, sobald es läuft.
account-follow = Bestellung verfolgen
account-no-services = Sie haben noch keine Dienste.
account-choose-plan = Wählen Sie ein Angebot
account-orders = Bestellungen
account-no-orders = Mit diesem Konto wurde noch nichts bestellt.
account-sessions = Wo Sie angemeldet sind
session-here = Dieses Gerät
session-last-used = zuletzt benutzt am
session-end = Abmelden
session-end-device = Abmelden: { $device }
session-end-all = Überall abmelden
device-unknown = Ein Programm, das seinen Namen nicht sagt
device-browser = { $browser } auf { $system }
device-program = Ein Programm auf { $system }

address-title = Eine andere Adresse verwenden
address-send = E-Mail an die neue Adresse senden
address-lead = Das Konto zieht zur neuen Adresse um, wenn der Link in dieser E-Mail geöffnet wird.
address-mailed = Eine E-Mail an die neue Adresse ist unterwegs. Ihr Link gilt zwei Stunden.
address-confirm = Bestätigen Sie Ihre neue Adresse
address-use = Diese Adresse verwenden
address-done = Ihr Konto hat eine neue Adresse
address-done-text = Von jetzt an melden Sie sich mit { $email } an, und E-Mails gehen dorthin.
address-done-more = Die frühere Adresse wurde benachrichtigt.
address-to-account = Zu Ihrem Konto

## Womit sich jemand anmeldet
security-title = So melden Sie sich an
security-required = Sie arbeiten für diesen Shop, deshalb verlangt er von Ihnen einen zweiten Faktor. Fügen Sie eine Authentifizierungs-App oder einen Passkey hinzu; bis dahin steht Ihnen nichts anderes offen.
security-lead = Bisher öffnet Ihr Passwort allein dieses Konto. Fügen Sie eine Authentifizierungs-App oder einen Passkey hinzu, und ein gestohlenes Passwort ist nichts wert.
security-no-codes = Sie haben keine Wiederherstellungscodes mehr. Erzeugen Sie neue, damit ein verlorenes Telefon Sie nicht aussperrt.
security-on = Ein
security-off = Aus
security-app = Authentifizierungs-App
security-app-text = Eine App auf Ihrem Telefon zeigt einen Code, den Sie nach Ihrem Passwort eingeben.
security-app-remove = App entfernen
security-app-set-up = App einrichten
security-passkeys = Passkeys
security-passkeys-text = Ihr Telefon, Ihr Rechner oder ein Sicherheitsschlüssel meldet Sie mit Finger, Gesicht oder PIN an, ohne Passwort.
security-passkey-name = Name des Passkeys { $name }
security-rename = Umbenennen
security-rename-named = Umbenennen: { $name }
security-added = Hinzugefügt am
security-last-used = zuletzt benutzt am
security-not-used = noch nicht benutzt
security-remove = Entfernen
security-remove-named = Entfernen: { $name }
security-no-passkeys = Dieser Shop hat eine Adresse, für die Browser keine Passkeys haben.
security-codes = Wiederherstellungscodes
security-codes-left = noch { $count }
security-codes-text = Jeder öffnet Ihr Konto einmal, wenn App und Passkeys verloren sind. Neue ersetzen alle früheren.
security-codes-new = Neue Codes erzeugen

app-title = Authentifizierungs-App einrichten
app-lead = Scannen Sie dies mit einer App wie Aegis, 2FAS, Google Authenticator oder mit Ihrem Passwortmanager.
app-qr = QR-Code für Ihre Authentifizierungs-App
app-key = Oder geben Sie diesen Schlüssel ein:
app-turn-on = Einschalten
passkey-add = Passkey hinzufügen
passkey-add-lead = Ihr Browser fragt nach Finger, Gesicht oder PIN. Der Schlüssel bleibt auf Ihrem Gerät; wir behalten nur, was ihn prüft.
passkey-name = Wie nennen Sie ihn?
passkey-name-hint = Etwa «Mein Telefon».

codes-app-on = Ihre Authentifizierungs-App ist eingeschaltet
codes-passkey-added = Ihr Passkey ist hinzugefügt
codes-new = Ihre neuen Wiederherstellungscodes
codes-keep = Bewahren Sie diese Wiederherstellungscodes dort auf, wo Sie sie ohne Ihr Telefon finden. Jeder öffnet Ihr Konto einmal.
codes-once = Sie werden nur dieses eine Mal gezeigt.
codes-kept = Ich habe sie aufbewahrt

## Was über jemanden gespeichert ist
privacy-title = Ihre Daten
privacy-lead = Was dieser Shop über { $email } gespeichert hat.
privacy-take = Mitnehmen
privacy-take-text = Eine Datei mit allem: Ihrem Konto, Bestellungen, Zahlungen, Diensten, E-Mails, Anmeldungen und was darüber festgehalten ist.
privacy-download = Alles herunterladen (JSON)
privacy-erase = Löschen
privacy-erase-text = Möglich, sobald nichts mehr läuft und keine Zahlung unterwegs ist. Beträge und Zeitpunkte bleiben für die Buchhaltung, ohne Ihren Namen.
privacy-erase-account = Mein Konto löschen
privacy-back = Zurück zu Ihrem Konto
erase-title = Ihr Konto löschen
erase-button = Alles löschen, was sagt, wer ich bin
erase-lead = Ihr Name, Ihre Adressen, Ihre Anmeldungen und was Sie gewählt haben, werden sofort entfernt, und niemand kann sie zurückholen. Was das Buchhaltungsrecht verlangt, bleibt: Beträge und Zeitpunkte, unter einer Nummer, die zu niemandem führt.
erase-done = Ihr Konto ist gelöscht
erase-done-text = Nichts hier sagt mehr, wer Sie waren.
erase-done-more = Wenn Sie eines Tages wiederkommen, fangen Sie neu an.
erase-not-yet = Das geht noch nicht: { $what }. Beenden Sie es zuerst, oder schreiben Sie uns.
erase-staff = Dieses Konto arbeitet für den Shop. Ein Administrator nimmt ihm zuerst die Rolle.

order-usual = Das dauert ab der Zahlung gewöhnlich { $span }.
order-stranger = So weit ist die Bestellung. Worum es geht, sehen Sie über den Link in unserer Mail oder wenn Sie sich anmelden.


# Zahlungen, Abonnements und Mails eines Kunden.
billing-title = Abrechnung
billing-subscriptions = Abonnements
billing-no-subscriptions = Nichts verlängert sich von selbst.
billing-price = { $amount } { $every }
billing-renews = Verlängert sich am { $at }
billing-ends = Endet am { $at }; mehr wird nicht berechnet.
billing-manage = Zahlungsart ändern, kündigen, Rechnungen ansehen
billing-manage-text = Öffnet die Seite unseres Zahlungsdienstes. Was Sie dort ändern, gilt sofort.
billing-payments = Zahlungen
billing-no-payments = Mit diesem Konto wurde noch nichts bezahlt.
billing-refunded = ({ $amount } gingen zurück)
billing-portal-away = Die Seite des Zahlungsdienstes lässt sich gerade nicht öffnen. Bitte versuchen Sie es in ein paar Minuten noch einmal.
billing-portal-nothing = Über unseren Zahlungsdienst wurde Ihnen noch nichts berechnet, deshalb hat er keine Seite für Sie.
portal-title = Zum Zahlungsdienst
portal-headline = Die Seite unseres Zahlungsdienstes wird geöffnet
portal-lead = Dort ändern Sie die Zahlungsart, kündigen ein Abonnement und finden Ihre Rechnungen.
portal-open = Seite öffnen
subscription-active = Aktiv
subscription-trial = Probezeit
subscription-ending = Endet bald
subscription-unpaid = Zahlung fehlgeschlagen
subscription-ended = Beendet
payment-paid = Bezahlt
payment-waits = Wird bestätigt
payment-failed = Fehlgeschlagen
payment-part-back = Teilweise erstattet
payment-back = Erstattet
mails-title = Mails
mails-lead = Was wir an { $address } geschrieben haben. Fehlt etwas in Ihrem Posteingang, sehen Sie im Ordner für unerwünschte Mails nach oder schreiben Sie uns.
mails-none = Ihnen wurde noch nichts geschickt.
mail-sent = Gesendet
mail-queued = Unterwegs
mail-failed = Nicht zugestellt
mail-order-confirmation = Bestellbestätigung
mail-welcome = Willkommen und Ihr Zugang
mail-account-linked = Eine Bestellung kam zu Ihrem Konto
mail-service-ready = Ihr Dienst ist bereit
mail-order-attention = Ihre Bestellung dauert länger
mail-payment-failed = Eine Zahlung schlug fehl
mail-refunded = Geld wurde zurückgesendet
mail-confirm-registration = Bestätigen Sie Ihr Konto
mail-already-registered = Sie haben schon ein Konto
mail-reset-password = Neues Passwort wählen
mail-password-changed = Ihr Passwort wurde geändert
mail-confirm-address = Bestätigen Sie Ihre neue Adresse
mail-address-changed = Ihre Adresse wurde geändert
mail-second-factor = Ihr zweiter Faktor wurde geändert

# Geld am Schreibtisch.
desk-refund = Geld zurücksenden
desk-refund-amount = Betrag
desk-refund-amount-hint = Höchstens { $left }. Geht alles zurück, endet die Bestellung.
desk-refund-reason = Grund
desk-refund-reason-hint = Für uns und für das Protokoll. Seiten und Mails des Kunden zeigen ihn nicht, ein Export seiner Daten schon.
desk-refund-no-amount = Schreiben Sie einen Betrag wie 3,50.
desk-refund-too-much = Höchstens { $left } können zurückgehen, und mehr als nichts.
desk-refund-no-reason = Sagen Sie in ein paar Worten, warum das Geld zurückgeht.
desk-refund-nothing-left = Von der Zahlung dieser Bestellung kann nichts mehr zurückgehen.
desk-refund-all = { $left } können zurückgehen. Geht alles zurück:
desk-refund-ends-order = endet die Bestellung, sobald das Geld weg ist;
desk-refund-ends-subscription = endet ihr Abonnement sofort, und mehr wird nicht berechnet;
desk-refund-service-runs = läuft ihr Dienst weiter, bis jemand ihn beendet: Ein Fall wird danach fragen;
desk-refund-tells = erfährt es der Kunde per Mail.
desk-refund-part = Geht ein Teil zurück, bleiben Bestellung, Abonnement und Dienst, wie sie sind.
desk-refund-not = Lieber nicht
desk-refund-begun = Das Geld wird zurückgesendet; diese Seite sagt, wann es weg ist.
desk-refund-of = { $amount } zurück
desk-case-refunding = Das Geld wird noch einmal zurückgesendet. Der Fall schließt sich von selbst, wenn es weg ist.
desk-cancel = Abbrechen
desk-order-called-off = Die Bestellung ist abgebrochen; ihre Zahlungsseite ist geschlossen.
desk-subscription = Abonnement
desk-subscription-renews = Verlängert sich am { $at }
desk-subscription-ends = Endet am { $at }
desk-preview = Zeigen, was es ändern würde
desk-event = Ereignis des Zahlungsdienstes
desk-event-says = Was es sagt
desk-event-changes = Was eine erneute Verarbeitung ändern würde
desk-event-nothing = Nichts.
desk-event-unknown = Der Zahlungsdienst antwortet nicht; was sich ändern würde, ist deshalb nicht bekannt.

# Bestand, Vergleich, Galerie
plan-regions = Regionen: { $regions }
plan-sold-out = Ausverkauft
plan-few-left = Nur noch { $left } zu haben
compare-caption = { $category }: die Angebote im Vergleich
compare-by-month = Preis im Monat
compare-charged = Abgerechnet wird
compare-amount = { $amount } { $every }
compare-about = etwa { $figure }
compare-saving = Ersparnis gegenüber monatlicher Zahlung
compare-regions = Regionen
compare-not-included = nicht enthalten
compare-no-saving = keine
checkout-no-room = { $plan } ist in { $region } ausverkauft; es wurde nichts bestellt. Wählen Sie eine andere Region oder schauen Sie später wieder vorbei.
checkout-sold-out = { $plan } ist ausverkauft; es wurde nichts bestellt und nichts abgebucht.
checkout-other-plans = Zu den anderen Angeboten
gallery-title = Galerie
gallery-lead = Von jedem Bestandteil dieser Seiten eines, in jedem seiner Zustände, mit den Angeboten dieses Shops. Für alle, die an der Gestaltung arbeiten; Kunden sehen es nie.
gallery-buttons = Knöpfe
gallery-tags = Marken
gallery-cards = Karten
gallery-fields = Felder
gallery-password = Passwort
gallery-notices = Hinweise
gallery-tables = Tabellen
gallery-charts = Diagramme
gallery-progress = Fortschritt
gallery-empty = Leere Zustände

## Die Verwaltung: was verkauft wird, Gutscheine, Kunden, Zustand, Wartung
desk-plain = { $text }
desk-catalogue = Angebot
desk-no-products = Es wird noch nichts verkauft.
desk-catalogue-file = Eine Katalogdatei, die später angewendet wird, macht alles so, wie sie es sagt: was hier geändert wurde, muss auch in ihr stehen.
desk-price = { $amount }, { $period }
desk-prices = Preise
desk-prices-text = Für den ganzen Zeitraum. Leer heißt: so nicht zu haben. Ein neuer Betrag gilt für neue Bestellungen; Gekauftes behält seinen Preis.
desk-price-amount = Preis, { $period }
desk-price-trial = Tage zur Probe, { $period }
desk-product-new = Neues Produkt
desk-product-added = Das Produkt ist angelegt.
desk-product-saved = Gespeichert.
desk-product-same = Es ist schon so; es gab nichts zu ändern.
desk-product-changed-meanwhile = Jemand anderes hat dieses Produkt geändert, seit Sie es geöffnet haben; deshalb wurde nichts gespeichert. Öffnen Sie es noch einmal und sehen Sie nach, was jetzt dort steht.
desk-product-name = Name
desk-product-code = Kürzel
desk-product-code-hint = Kleinbuchstaben, Ziffern und Bindestriche, etwa paper-4gb. Es bleibt für immer.
desk-product-description = Beschreibung
desk-product-highlights = Vorzüge
desk-product-highlights-hint = Einer je Zeile.
desk-product-position = Platz in Listen
desk-product-stock = Wie viele es gibt
desk-product-stock-hint = Leer: ohne Ende. Laufende zählen mit, und Bestellungen, die gerade bezahlt werden.
desk-product-position-hint = Die kleinste Zahl kommt zuerst.
desk-product-settings = Einstellungen des Anbieters
desk-product-settings-hint = JSON. Sie gelten für neue Bestellungen.
desk-product-words = Was Kunden lesen
desk-product-delivery = Wie es geliefert wird
desk-product-services = Dienste
desk-product-active = Im Verkauf
desk-product-retired = Nicht mehr im Verkauf
desk-changes = Das wird sich ändern
desk-changes-text = Noch ist nichts gespeichert.
desk-changes-save = Diese Änderungen speichern
desk-changes-show = Zeigen, was sich ändern wird
desk-coupons = Gutscheine
desk-no-coupons = Es gibt keine Gutscheine.
desk-coupon-new = Neuer Gutschein
desk-coupon-added = Der Gutschein gilt.
desk-coupon-ended = Der Gutschein ist beendet. Was mit ihm gekauft wurde, behält seinen Preis.
desk-coupon-code = Kürzel
desk-coupon-code-hint = 3 bis 40 Buchstaben, Ziffern, _ oder -.
desk-coupon-off = Nachlass
desk-coupon-percent = Nachlass in Prozent
desk-coupon-amount = Oder als Betrag
desk-coupon-duration = Auf welche Zahlungen
desk-coupon-once = auf die erste Zahlung
desk-coupon-forever = auf jede Zahlung
desk-coupon-when = Wann
desk-coupon-from = Von
desk-coupon-until = Bis
desk-coupon-time-hint = In UTC: 2026-12-31 23:59
desk-coupon-since = ab { $at }
desk-coupon-till = bis { $at }
desk-coupon-always = immer
desk-coupon-products = Produkte
desk-coupon-products-hint = Ihre Kürzel, durch Kommas getrennt; leer für alle.
desk-coupon-uses = Bezahlte Bestellungen
desk-coupon-placed = { $count } aufgegeben
desk-coupon-end = { $code } beenden
desk-coupon-add = Gutschein anlegen
desk-coupon-counts = Gilt
desk-coupon-ended-state = Beendet
desk-coupon-over = Vorbei
desk-coupon-later = Noch nicht
desk-customers = Kunden
desk-order-of = Ordnung der Liste
desk-newest = Neueste zuerst
desk-by-address = Nach Adresse
desk-address-begins = Die Adresse beginnt mit
desk-customer-name = Name
desk-customer-address = Adresse
desk-last-order = Letzte Bestellung
desk-more = Mehr
desk-mail-send-again = Noch einmal senden
desk-mail-again = Die Mail ist wieder unterwegs.
desk-mail-twice = Diese Mail wurde gerade eben verlangt und ist schon unterwegs.
desk-mail-on-its-way = Diese Mail ist noch unterwegs.
desk-mail-held-secret = Wird nicht noch einmal gesendet: Sie übergibt ein Passwort oder einen Link, und beides wird nirgends aufbewahrt, sobald die Mail hinaus ist. Einen neuen bekommt der Kunde unter «Passwort vergessen?».
desk-mail-erased = Wird nicht noch einmal gesendet: Wer sie bekam, ist gelöscht.
desk-health = Zustand
desk-settings = Einstellungen dieses Programms
desk-settings-text = So, wie es gestartet wurde. Bei Geheimnissen steht, ob sie gesetzt sind, niemals welche es sind.
desk-setting = Variable
desk-setting-value = Wert
desk-setting-set = gesetzt
desk-setting-unset = nicht gesetzt
desk-setting-empty = leer
health-fine = In Ordnung
health-look = Bitte ansehen
health-broken = Kaputt
health-none = Keine, die dieses Programm sehen darf.
health-database = Datenbank
health-answers = Antwortet
health-answers-in = Eine Frage dauerte { $micros } µs.
health-answers-next = Sehen Sie sich die Last des Datenbankservers an und das Netz zu ihm.
health-migrations = Migrationen
health-migrations-none = Auf dem neuesten Stand.
health-migrations-missing = { $count ->
    [one] Eine fehlt.
   *[other] { $count } fehlen.
}
health-migrations-next = `hostwright migrate` ausführen, danach `hostwright database grant`.
health-workers = Worker
health-worker-heard = Hat sich vor { $age } gemeldet.
health-worker-ends = Hört gerade auf; hat sich vor { $age } gemeldet.
health-worker-next = Wurde er nicht mit Absicht beendet, sehen Sie in sein Protokoll und starten Sie ihn wieder.
health-workers-none = Seit einer Stunde hat sich keiner gemeldet: Nichts wird geliefert, und keine Mail geht hinaus.
health-workers-next = hostwright-worker starten. Was wartet, wird erledigt, sobald er läuft.
health-queue = { $ready } bereit, { $running } laufen, { $later } für später; der älteste wartet seit { $age }.
health-queue-next = Unter System nachsehen: Schlägt ein Auftrag immer wieder fehl? Sonst einen weiteren Worker starten.
health-queue-paused-next = Jemand hat sie angehalten: `hostwright queues resume`.
health-dead-next = Unter System nachsehen: die Ursache beheben, dann noch einmal antreiben.
health-count = { $count }
health-never = nie
health-events = Webhooks von Stripe
health-received = Letztes Ereignis angekommen
health-received-next = Stripe hat nie angerufen: Adresse und Geheimnis des Webhooks in dessen Dashboard prüfen, dann `hostwright doctor`.
health-processed = Letztes Ereignis verarbeitet
health-events-waiting = Ereignisse, die warten
health-events-next = Zuerst bei den Workern nachsehen, dann bei den Fällen.
health-waiting = { $count }; das älteste: { $age }
health-mails-failed = In den letzten 24 Stunden aufgegeben
health-mails-waiting = Unterwegs
health-mails-next = Bei den Fällen nachsehen: Jede aufgegebene Mail hat einen. `hostwright doctor` versucht den Mailserver.
health-sweep = Endete vor { $age } und fand { $found }.
health-sweep-next = Bei den Workern nachsehen: Sie führen die Durchgänge aus.
health-secrets = Geheimnisse in der Datenbank
health-secret = { $count ->
    [0] Keines gilt.
    [one] Eines gilt.
   *[other] { $count } gelten.
}
health-secret-next = Eine Version hinterlegen, die gilt: `hostwright secrets set`.
desk-maintenance = Wartung
maintenance-closed = Der Laden ist geschlossen.
maintenance-opened = Der Laden ist offen.
maintenance-is-closed = Der Laden ist geschlossen
maintenance-is-open = Der Laden ist offen
maintenance-since = Seit { $at }.
maintenance-planned = Kunden lesen, dass er { $at } wieder öffnet. Er bleibt geschlossen, bis ihn jemand öffnet.
maintenance-what = Solange er geschlossen ist, kann nichts bestellt werden. Bezahltes wird geliefert; die Webhooks von Stripe, der Worker, die Anmeldung und die Verwaltung gehen weiter.
maintenance-open = Den Laden öffnen
maintenance-close = Den Laden schließen
maintenance-change = Etwas anderes sagen
maintenance-until = Geplant bis
maintenance-message = Was Kunden lesen
maintenance-message-hint = Ein, zwei Sätze, die so auf der Seite stehen wie hier.
maintenance-no-time = Geben Sie Datum und Uhrzeit in UTC an, etwa 2026-12-31 23:59.
maintenance-past = Diese Zeit ist vorbei.
maintenance-too-far = Das ist mehr als einen Monat hin.
maintenance-message-long = Geben Sie eine Zeile mit höchstens 500 Zeichen ein.
closed-title = Wir sind bald wieder da
closed-text = Am Laden wird gerade gearbeitet.
closed-until = Geplant bis { $at }
closed-paid = Was Sie gekauft haben, läuft weiter, und was Sie bezahlt haben, wird geliefert.
error-method-title = Das geht hier nicht
error-again = Diese Seite versucht es von selbst noch einmal.
error-to-desk = Zur Verwaltung
error-to-account = Zu Ihrem Konto

# Dienste am Schreibtisch.
desk-service-suspend = Sperren
desk-service-resume = Entsperren
desk-service-end = Dienst beenden
desk-service-end-text = Was { $provider } davon hat, auch alle Daten, wird endgültig gelöscht. Es gibt kein Zurück.
desk-service-end-yes = Endgültig beenden
desk-service-suspending = Der Dienst wird bei seinem Anbieter gesperrt; diese Seite sagt, wann er es ist.
desk-service-resuming = Der Dienst wird bei seinem Anbieter entsperrt; diese Seite sagt, wann er es ist.
desk-service-ending = Der Dienst wird bei seinem Anbieter beendet; diese Seite sagt, wann er es ist.
story-suspended = Gesperrt
story-suspended-text = Ihr Dienst ist eingerichtet und im Augenblick angehalten. Schreiben Sie uns, wenn Sie nicht wissen, warum.
story-ended = Dieser Dienst ist beendet
story-ended-text = Er wurde geliefert und seither beendet. Nichts davon wird aufbewahrt.

## Ein einzelner Dienst
account-use = Nutzen und verwalten
service-reach = So erreichen Sie ihn
service-more = Mehr dazu
service-to-billing = Zahlungen und Abonnement
service-console = Verwaltung öffnen
service-not-running = Dieser Dienst läuft gerade nicht; deshalb lässt sich hier nichts mit ihm tun.
service-provider-cannot = Das geht von hier aus nicht. Bitte schreiben Sie uns.
service-provider-unsure = Wir konnten nicht sehen, ob es geschehen ist. Sehen Sie gleich unten nach dem Zustand, bevor Sie es noch einmal versuchen.
service-provider-away = Der Server antwortet gerade nicht. Es ist nichts geschehen. Bitte versuchen Sie es gleich noch einmal.
console-title = Zur Verwaltung
console-headline = Ihre Verwaltung wird geöffnet
console-lead = Sie öffnet sich auf dem Server, auf dem Ihr Dienst läuft.
usage-title = Was er verbraucht
usage-away = Der Server sagt es gerade nicht.
usage-again = Noch einmal nachsehen
usage-activity = Zustand
usage-running = Läuft
usage-starting = Startet
usage-stopping = Wird angehalten
usage-stopped = Angehalten
usage-cpu = Prozessor
usage-percent = { $percent } % eines Kerns
usage-memory = Arbeitsspeicher
usage-disk = Speicherplatz
usage-uptime = Läuft seit
size-mib = { $size } MiB
size-gib = { $whole },{ $tenth } GiB
power-title = Starten und anhalten
power-start = Starten
power-restart = Neu starten
power-stop = Anhalten
power-kill = Sofort beenden
power-kill-text = „Sofort beenden“ beendet ihn ohne zu speichern. Nehmen Sie es nur, wenn „Anhalten“ nicht hilft.
power-started = Der Start wurde veranlasst.
power-restarted = Der Neustart wurde veranlasst.
power-stopped = Das Anhalten wurde veranlasst.
power-killed = Er wurde sofort beendet.
how-title = So nutzen Sie ihn
how-game-join = Starten Sie Ihr Spiel, wählen Sie „Über Adresse beitreten“ oder „Server hinzufügen“ und geben Sie die Adresse oben ein.
how-game-settings = In der Verwaltung finden Sie Konsole, Einstellungen und Dateien Ihres Servers.
how-game-stopped = Wenn niemand beitreten kann, sehen Sie zuerst hier nach dem Zustand: Ein angehaltener Server startet mit einem Klick.
how-hosting-open = Öffnen Sie die Adresse oben: Ihre Seite zeigt, dass sie bereit ist.
how-hosting-files = Setzen Sie auf dieser Seite das Passwort und legen Sie dann Ihre eigenen Dateien mit SFTP in den öffentlichen Ordner. PHP läuft, sobald eine Datei auf .php endet.
how-hosting-domain = Eine eigene Domain zeigt diese Seite, sobald ihr DNS-Eintrag auf denselben Server zeigt wie die Adresse oben.
how-wordpress-open = Öffnen Sie die Adresse oben: Ihre Seite ist da, mit ihrem ersten Beitrag.
how-wordpress-log-in = Melden Sie sich auf der Anmeldeseite mit dem Benutzernamen oben an.
how-wordpress-domain = Eine eigene Domain zeigt diese Seite, sobald ihr DNS-Eintrag auf denselben Server zeigt.
how-email-program = Wählen Sie in Ihrem Mailprogramm IMAP und geben Sie den Server oben und Ihre ganze Adresse als Benutzernamen ein.
how-email-password = Das Postfach hat ein eigenes Passwort; es ist nicht das Ihres Kontos hier.
how-email-send = Damit Mails an Ihre eigene Domain ankommen, muss ihr MX-Eintrag auf den Server oben zeigen.
how-vps-log-in = Melden Sie sich per SSH an der Adresse oben an, mit dem Schlüssel oder Passwort, das Sie gewählt haben.
how-vps-update = Spielen Sie zuerst Aktualisierungen ein. Der Server gehört Ihnen allein, und ihn zu schützen auch.
how-wordpress-files = Eigene Themes und Dateien erreichen Sie auch mit SFTP, mit demselben Passwort.
how-storage-connect = Verbinden Sie sich mit einem Programm, das SFTP spricht, etwa FileZilla oder Cyberduck, mit Server, Port und Benutzer von oben.
how-storage-password = Der Speicher hat ein eigenes Passwort: Setzen Sie es auf dieser Seite, bevor Sie sich zum ersten Mal verbinden.
service-password-title = Das Passwort
service-password-text = Sie melden sich dort mit einem eigenen Passwort an. Außer Ihnen kennt es niemand: Es wird hier nicht aufbewahrt und kann nicht gezeigt, nur neu gesetzt werden.
service-password-new = Neues Passwort
service-password-save = Passwort setzen
service-password-set = Ab jetzt gilt das neue Passwort.
service-password-wrong = Ein Passwort hat { $min } bis { $max } Zeichen.
access-sign-in = Anmeldeseite
access-user-name = Benutzername
access-imap-server = IMAP-Server
access-imap-port = IMAP-Port
access-sftp-server = SFTP-Server
access-sftp-port = SFTP-Port
access-sftp-user = SFTP-Benutzer
access-to-do = Zu tun
