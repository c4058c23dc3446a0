#!/bin/sh
# what is made once, as the image is built: rights, tables, a certificate, passwords, pictures
set -eu
chmod 755 /usr/local/bin/mesh /opt/mesh/jobs/* /opt/mesh/hooks/* /opt/mesh/app/bin/* /opt/mesh/app/cgi/* /opt/mesh/feed/feed.pl
install -d -o mesh -g mesh /var/lib/mesh /var/log/mesh /srv/www/files
install -m 644 /etc/mesh/crontab /etc/cron.d/mesh
mkdir -p /etc/mesh/tls
openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=mesh.test -addext 'subjectAltName=DNS:mesh.test,DNS:*.mesh.test' -keyout /etc/mesh/tls/key.pem -out /etc/mesh/tls/cert.pem 2> /dev/null
cat /etc/mesh/tls/cert.pem /etc/mesh/tls/key.pem > /etc/mesh/tls/mesh.pem
chmod 644 /etc/mesh/tls/*
chmod 600 /etc/mesh/cache/secret
chown -R rabbitmq /etc/mesh/queue
echo 'NODENAME=rabbit@localhost' > /etc/rabbitmq/rabbitmq-env.conf
cp /etc/mesh/mail/main.cf /etc/postfix/main.cf
postmap hash:/etc/mesh/mail/virtual hash:/etc/mesh/mail/transport
postalias hash:/etc/aliases || { echo 'root: keeper' > /etc/aliases; postalias hash:/etc/aliases; }
perl -MDBI -e '$d = DBI->connect("dbi:SQLite:dbname=/etc/mesh/mail/boxes.db", "", "", { RaiseError => 1 }); $d->do("CREATE TABLE boxes (address TEXT PRIMARY KEY)"); $d->do("INSERT INTO boxes VALUES (?)", undef, "$_\@mesh.test") for qw(keeper hare guest shop)'
for user in keeper:SHA512-CRYPT hare:ARGON2ID guest:SCRAM-SHA-256 shop:BLF-CRYPT; do
  printf '%s:%s\n' "${user%%:*}" "$(doveadm -c /etc/mesh/boxes/dovecot.conf pw -s "${user##*:}" -p horse)" >> /etc/mesh/boxes/users
done
chgrp dovecot /etc/mesh/boxes/users
sievec -c /etc/mesh/boxes/dovecot.conf /etc/mesh/boxes/house.sieve
install -d -o vmail -g vmail /var/mail/boxes
install -d -o postfix -m 700 /var/spool/postfix/private
mosquitto_passwd -c -b /etc/mesh/events/passwd keeper horse && mosquitto_passwd -b /etc/mesh/events/passwd guest horse
chown mosquitto /etc/mesh/events/passwd /etc/mesh/events/acl && chmod 600 /etc/mesh/events/passwd /etc/mesh/events/acl
cd /srv/www/pictures
perl -MGD -e '$i = GD::Image->new(120, 60, 1); $i->filledRectangle(10, 10, 60, 40, $i->colorAllocate(255, 0, 0)); for $k (qw(png jpeg gif webp)) { open $f, ">:raw", "one.$k"; print $f $i->$k }'
head -c 20000 /srv/www/pictures/../pictures/one.png > torn.png && printf 'no picture' > none.jpeg && head -c 60 one.png > torn.png
cd /srv/www/zip && yes 'a long line' | head -n 2000 > long.txt && gzip -9nk long.txt
