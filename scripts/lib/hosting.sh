# Sourced by scripts that host for real. Needs scripts/lib/debian.sh.
# shellcheck shell=bash

# What the hosting helper works with, and the units that Debian would start and enable with it.
HOSTING=(nginx-light php8.2-fpm php8.2-mysql php8.2-cli mariadb-server wordpress wordpress-theme-twentytwentythree
    dovecot-imapd dovecot-lmtpd teeworlds-server openssh-server certbot bind9-dnsutils quota)
HOSTING_UNITS=(nginx:nginx-light php8.2-fpm:php8.2-fpm mariadb:mariadb-server dovecot:dovecot-imapd teeworlds-server:teeworlds-server
    ssh:openssh-server certbot.timer:certbot quota:quota)

# need_hosting CONSEQUENCE: what makes real websites, mailboxes and game servers, as root, with daemons of its own in a private
# directory. Without root or the packages it fails, and says what follows from that.
need_hosting() {
    local package missing=()
    say "── hosting"
    [[ -z "${HOSTWRIGHT_NO_HOSTING:-}" ]] || { warn "HOSTWRIGHT_NO_HOSTING is set: $1" && return 1; }
    for package in "${HOSTING[@]}"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing+=("$package")
    done
    if ((EUID != 0)); then
        warn "NO ROOT: the hosting helper makes users and starts daemons, so $1"
        return 1
    elif ((${#missing[@]} == 0)) || install_asleep "${missing[@]}"; then
        note "nginx, PHP, MariaDB, WordPress, Dovecot, Teeworlds, OpenSSH and certbot are installed"
    else
        warn "NO HOSTING: $1. As root: apt-get install ${missing[*]}"
        return 1
    fi
}

# install_asleep PACKAGE…: installs packages whose daemons neither start now nor with the machine. What was installed before
# is not touched: neither upgraded nor started anew nor stopped.
install_asleep() {
    local policy=/usr/sbin/policy-rc.d made="" pair status=0
    if [[ ! -e "$policy" ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" && made=1
    fi
    apt_install --no-upgrade "$@" || status=1
    [[ -z "$made" ]] || rm -f "$policy"
    command -v systemctl >/dev/null || return "$status"
    for pair in "${HOSTING_UNITS[@]}"; do
        [[ " $* " != *" ${pair#*:} "* ]] || systemctl --quiet disable "${pair%%:*}" 2>/dev/null || true
    done
    return "$status"
}
