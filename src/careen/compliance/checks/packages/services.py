"""Network services that an image should not carry beside its workload."""

from careen.compliance.checks.packages.present import absent

CHECKS = (
    absent(
        "no-autofs",
        "No automounter is installed",
        packages=("autofs",),
        programs=("automount",),
    ),
    absent(
        "no-avahi",
        "No Avahi daemon is installed",
        packages=("avahi-daemon", "avahi"),
        programs=("avahi-daemon",),
    ),
    absent(
        "no-dhcp-server",
        "No DHCP server is installed",
        packages=("isc-dhcp-server", "kea-dhcp4-server", "kea", "dhcp-server"),
        programs=("dhcpd", "kea-dhcp4", "kea-dhcp6", "udhcpd"),
    ),
    absent(
        "no-dns-server",
        "No DNS server is installed",
        packages=("bind9", "bind", "unbound", "nsd", "knot", "pdns-server"),
        programs=("named", "unbound", "nsd", "knotd", "pdns_server"),
    ),
    absent(
        "no-dnsmasq",
        "No dnsmasq is installed",
        packages=("dnsmasq", "dnsmasq-base"),
        programs=("dnsmasq",),
    ),
    absent(
        "no-ftp-server",
        "No FTP server is installed",
        packages=("vsftpd", "proftpd-core", "proftpd", "pure-ftpd"),
        programs=("vsftpd", "proftpd", "pure-ftpd", "ftpd", "in.ftpd"),
    ),
    absent(
        "no-ldap-server",
        "No LDAP server is installed",
        packages=("slapd", "openldap-servers", "openldap"),
        programs=("slapd",),
    ),
    absent(
        "no-mail-access-server",
        "No IMAP or POP3 server is installed",
        packages=("dovecot-core", "dovecot", "cyrus-imapd", "courier-imap"),
        programs=("dovecot", "imapd", "pop3d"),
    ),
    absent(
        "no-mail-server",
        "No mail transfer agent is installed",
        packages=(
            "postfix",
            "exim4-base",
            "exim4",
            "exim",
            "sendmail",
            "sendmail-bin",
            "opensmtpd",
        ),
        programs=("exim4", "exim", "postfix", "smtpd"),
    ),
    absent(
        "no-nfs-server",
        "No NFS server is installed",
        packages=("nfs-kernel-server", "nfs-utils", "nfs-ganesha"),
        programs=("rpc.nfsd", "rpc.mountd", "ganesha.nfsd"),
    ),
    absent(
        "no-nis-server",
        "No NIS server is installed",
        packages=("ypserv", "nis"),
        programs=("ypserv",),
    ),
    absent(
        "no-print-server",
        "No print server is installed",
        packages=("cups", "cups-daemon", "lprng"),
        programs=("cupsd", "lpd"),
    ),
    absent(
        "no-rpcbind",
        "No rpcbind is installed",
        packages=("rpcbind",),
        programs=("rpcbind", "portmap"),
    ),
    absent(
        "no-rsync",
        "No rsync is installed",
        packages=("rsync", "rsync-daemon"),
        programs=("rsync",),
    ),
    absent(
        "no-samba-server",
        "No Samba server is installed",
        packages=("samba", "samba-server"),
        programs=("smbd", "nmbd"),
    ),
    absent(
        "no-snmp-server",
        "No SNMP daemon is installed",
        packages=("snmpd", "net-snmp"),
        programs=("snmpd",),
    ),
    absent(
        "no-tftp-server",
        "No TFTP server is installed",
        packages=("tftpd-hpa", "tftpd", "tftp-server", "atftpd", "tftp-hpa"),
        programs=("in.tftpd", "tftpd", "atftpd"),
    ),
    absent(
        "no-proxy-server",
        "No web proxy is installed",
        packages=("squid", "squid-openssl", "tinyproxy", "privoxy"),
        programs=("squid", "tinyproxy", "privoxy"),
    ),
    absent(
        "no-web-server",
        "No web server is installed beside the workload",
        packages=("apache2", "apache2-bin", "httpd", "nginx", "nginx-common", "lighttpd", "caddy"),
        programs=("apache2", "httpd", "nginx", "lighttpd", "caddy"),
    ),
    absent(
        "no-super-server",
        "No inetd or xinetd is installed",
        packages=("xinetd", "openbsd-inetd", "inetutils-inetd", "rlinetd"),
        programs=("xinetd", "inetd"),
    ),
    absent(
        "no-x-server",
        "No X or Wayland server is installed",
        packages=("xserver-xorg-core", "xorg-x11-server-Xorg", "xorg-server", "xwayland"),
        programs=("Xorg", "Xwayland"),
    ),
    absent(
        "no-bluetooth",
        "No Bluetooth daemon is installed",
        packages=("bluez",),
        programs=("bluetoothd",),
    ),
)
