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
