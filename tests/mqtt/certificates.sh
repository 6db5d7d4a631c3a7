# shellcheck shell=sh disable=SC2154 # the includer sets dir
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
#
# Keys and certificates for live tests, NAME.key and NAME.crt in $dir.

ca() {
	openssl ecparam -name prime256v1 -genkey -noout -out "$dir/$1.key"
	openssl req -x509 -new -key "$dir/$1.key" -days 3650 \
		-subj "/CN=$2" -out "$dir/$1.crt"
}

# certificate NAME CA CN SAN [openssl x509 options]
certificate() {
	name=$1 issuer=$2 cn=$3 san=$4
	shift 4
	openssl ecparam -name prime256v1 -genkey -noout -out "$dir/$name.key"
	openssl req -new -key "$dir/$name.key" -subj "/CN=$cn" \
		-out "$dir/$name.csr"
	echo "subjectAltName=$san" >"$dir/$name.ext"
	openssl x509 -req -in "$dir/$name.csr" -CA "$dir/$issuer.crt" \
		-CAkey "$dir/$issuer.key" -CAcreateserial "$@" \
		-extfile "$dir/$name.ext" -out "$dir/$name.crt"
}

expired() {
	certificate expired ca localhost DNS:localhost,IP:127.0.0.1 -days 1
	# openssl x509 cannot date back: sign again with openssl ca
	mkdir "$dir/db"
	: >"$dir/db/index.txt"
	echo 01 >"$dir/db/serial"
	printf '%s\n' '[ca]' 'default_ca=d' '[d]' "database=$dir/db/index.txt" \
		"serial=$dir/db/serial" "new_certs_dir=$dir/db" \
		'default_md=sha256' 'policy=p' '[p]' 'commonName=supplied' \
		>"$dir/ca.cnf"
	openssl ca -batch -config "$dir/ca.cnf" -cert "$dir/ca.crt" \
		-keyfile "$dir/ca.key" -startdate 20200101000000Z \
		-enddate 20200201000000Z -extfile "$dir/expired.ext" \
		-in "$dir/expired.csr" -out "$dir/expired.crt" -notext
}

# All that the tests need.
certificates() {
	ca ca 'Test CA'
	ca foreign 'Foreign CA'
	certificate server ca localhost DNS:localhost,IP:127.0.0.1,IP:::1
	certificate other ca other.example DNS:other.example,IP:2001:db8::1
	certificate client ca client DNS:client
	certificate stranger foreign client DNS:client
	expired
}
