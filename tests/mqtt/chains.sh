# shellcheck shell=sh disable=SC2154 # the includer sets dir
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
#
# Certificates, good and bad, for tests/mqtt/chain.c: $dir/chain/NAME.crt.

CA='basicConstraints=critical,CA:TRUE'
SAN='subjectAltName=DNS:localhost,IP:127.0.0.1'
THEN=20200101000000Z LATER=20200201000000Z
NOW=20200101000000Z EVER=20900101000000Z

new_key() {
	case $2 in
	rsa*) openssl genrsa -out "$1" "${2#rsa}" ;;
	ed25519) openssl genpkey -algorithm ed25519 -out "$1" ;;
	*) openssl ecparam -name "$2" -genkey -noout -out "$1" ;;
	esac
}

# issue NAME ISSUER [key=, md=, as=, from=, to=, sign='openssl ca options']
#	[extension ...]
# as=OTHER has OTHER's key and name.
issue() {
	name=$1 issuer=$2 key=prime256v1 md=sha256 as=$1 from=$NOW to=$EVER
	sign=
	shift 2
	: >ext
	for word; do
		case $word in
		key=* | md=* | as=* | from=* | to=* | sign=*)
			eval "${word%%=*}=\${word#*=}" ;;
		*) echo "$word" >>ext ;;
		esac
	done
	[ -e "$as.key" ] || new_key "$as.key" "$key"
	[ "$as" = "$name" ] || cp "$as.key" "$name.key"
	openssl req -new -config ca.cnf -key "$as.key" -subj "/CN=$as" \
		-out csr
	if [ "$issuer" = "$name" ]; then
		set -- -selfsign -keyfile "$name.key"
	else
		set -- -cert "$issuer.crt" -keyfile "$issuer.key"
	fi
	# shellcheck disable=SC2086	# options
	openssl ca -batch -config ca.cnf "$@" -md "$md" -startdate "$from" \
		-enddate "$to" -extfile ext -notext -in csr $sign \
		-out "$name.crt"
}

leaf() {
	name=$1 issuer=$2
	shift 2
	issue "$name" "$issuer" "$@" "$SAN"
}

named() {
	issue "$1" root "subjectAltName=$2"
}

weak() {
	leaf md5 rsa md=md5
	leaf sha1 root md=sha1
	leaf pss_sha1 rsa md=sha1 'sign=-sigopt rsa_padding_mode:pss'
	leaf pss rsa 'sign=-sigopt rsa_padding_mode:pss'
	leaf rsa1024 root key=rsa1024
	leaf p224 root key=secp224r1
	leaf ed25519 root key=ed25519
	issue root1024 root1024 key=rsa1024 "$CA"
	leaf by_root1024 root1024
	issue sha1_between root md=sha1 "$CA"
	leaf by_sha1_between sha1_between
	issue sha1_root sha1_root md=sha1 "$CA"
	leaf by_sha1_root sha1_root
	leaf pinned_sha1 pinned_sha1 md=sha1
}

names() {
	named wild 'DNS:*.wild.test'
	named wild_part 'DNS:b*.wild.test'
	named wild_inside 'DNS:a.*.wild.test'
	named wild_top 'DNS:*.test'
	named wild_all 'DNS:*'
	named wild_address 'DNS:*.0.0.1'
	named dns_address 'DNS:127.0.0.1'
	named upper 'DNS:LOCALHOST'
	named ip6 'IP:::1'
	issue localhost root
	issue usage_sign root "$SAN" 'keyUsage=keyCertSign'
	issue usage_good root "$SAN" 'keyUsage=digitalSignature'
}

constraints() {
	issue nc_ip root "$CA" \
		'nameConstraints=permitted;IP:10.0.0.0/255.0.0.0'
	leaf by_nc_ip nc_ip
	issue nc_not_ip root "$CA" \
		'nameConstraints=excluded;IP:127.0.0.0/255.0.0.0'
	leaf by_nc_not_ip nc_not_ip
	issue nc_ip_good root "$CA" \
		'nameConstraints=permitted;IP:127.0.0.0/255.0.0.0'
	leaf by_nc_ip_good nc_ip_good
	issue nc_dns root "$CA" 'nameConstraints=permitted;DNS:other.test'
	leaf by_nc_dns nc_dns
	issue nc_dns_good root "$CA" 'nameConstraints=permitted;DNS:good.test'
	issue by_nc_dns_good nc_dns_good 'subjectAltName=DNS:a.good.test'
	issue under_nc nc_dns "$CA"
	leaf by_under_nc under_nc
}

authorities() {
	issue between root "$CA"
	leaf by_between between
	issue between_old root from=$THEN to=$LATER "$CA"
	leaf by_between_old between_old
	issue no_ca root
	leaf by_no_ca no_ca
	issue no_sign root "$CA" 'keyUsage=cRLSign'
	leaf by_no_sign no_sign
	issue last root "$CA,pathlen:0"
	leaf by_last last
	issue behind_last last "$CA"
	leaf by_behind_last behind_last
	issue root_old root_old from=$THEN to=$LATER "$CA"
	leaf by_root_old root_old
	leaf old root from=$THEN to=$LATER
	leaf stranger stranger
	leaf as_ca root
	issue by_as_ca as_ca "$SAN"
	issue false_root false_root as=root key=prime256v1 "$CA"
}

# Amazon's: R1 is a root, and was vouched for by an older one, S.
cross_signed() {
	issue s s from=$THEN "$CA"
	issue s_old s from=$THEN to=$LATER as=s "$CA"
	issue r1 r1 "$CA"
	issue r1x s as=r1 "$CA"
	issue r1x_old s as=r1 from=$THEN to=$LATER "$CA"
	issue amazon r1 "$CA,pathlen:0"
	leaf device amazon
	cat amazon.crt r1x_old.crt s_old.crt >amazon_sent.pem
}

deep() {
	above=root
	for n in 1 2 3 4 5 6 7 8 9; do
		issue "deep$n" "$above" "$CA"
		leaf "by_deep$n" "deep$n"
		above=deep$n
	done
}

# crl NAME CA [openssl ca options]
crl() {
	name=$1 issuer=$2
	shift 2
	openssl ca -gencrl -config ca.cnf -cert "$issuer.crt" \
		-keyfile "$issuer.key" "$@" -out "$name.crl"
}

revoked() {
	leaf revoked root
	leaf not_revoked root
	issue between_revoked root "$CA"
	leaf by_between_revoked between_revoked
	: >index
	crl none root -crldays 3650
	crl between_none between -crldays 3650
	crl old root -crl_lastupdate 20200101000000Z \
		-crl_nextupdate 20200201000000Z
	crl foreign s -crldays 3650
	openssl ca -config ca.cnf -cert root.crt -keyfile root.key \
		-revoke revoked.crt
	openssl ca -config ca.cnf -cert root.crt -keyfile root.key \
		-revoke between_revoked.crt
	crl some root -crldays 3650
}

chains() (
	mkdir "$dir/chain"
	cd "$dir/chain"
	: >index
	echo 01 >crlnumber
	printf '%s\n' '[ca]' 'default_ca=d' '[d]' 'database=index' \
		'new_certs_dir=.' 'rand_serial=yes' 'unique_subject=no' \
		'crlnumber=crlnumber' 'default_md=sha256' 'policy=p' '[p]' \
		'commonName=supplied' '[req]' 'distinguished_name=n' '[n]' \
		>ca.cnf
	issue root root "$CA"
	issue rsa rsa key=rsa2048 "$CA"
	leaf good root
	leaf by_rsa rsa
	leaf rsa_key rsa key=rsa2048
	openssl genpkey -genparam -algorithm DH -pkeyopt group:modp_1536 \
		-out dh1536.pem
	weak
	names
	constraints
	authorities
	cross_signed
	deep
	revoked
)
