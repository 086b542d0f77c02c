# Makes a self-signed certificate when there is none that will do: for all the names and addresses
# wanted, not about to end, and of the key beside it. Prints `made` when it made one, and `wanting`
# in place of making one when DRY_RUN is yes.
#
# In the environment: CERTIFICATE and KEY (paths), NAMES and ADDRESSES (by spaces), DAYS,
# RENEW_DAYS, DRY_RUN (yes or no).
# shellcheck shell=bash disable=SC2153 # the environment's names are in capitals
set -eu
umask 077

short=$(uname -n)
short=${short%%.*}
read -ra names <<<"$(uname -n) $short localhost $NAMES"
read -ra addresses <<<"127.0.0.1 $ADDRESSES"
wanted=$({ printf 'DNS:%s\n' "${names[@]}"; printf 'IP:%s\n' "${addresses[@]}"; } | sort -u)

why_not() { # prints what is wrong with the certificate that is there, or nothing
  [[ -s $CERTIFICATE && -s $KEY ]] || { echo 'there is none'; return; }
  openssl x509 -in "$CERTIFICATE" -noout -checkend $((RENEW_DAYS * 86400)) >/dev/null ||
    { echo 'it ends soon'; return; }
  [[ $(openssl x509 -in "$CERTIFICATE" -noout -pubkey) == "$(openssl pkey -in "$KEY" -pubout)" ]] ||
    { echo 'its key is another'; return; }
  local present
  present=$(openssl x509 -in "$CERTIFICATE" -noout -ext subjectAltName |
    tr ',' '\n' | sed -n 's/^ *//; s/^IP Address:/IP:/; /^\(DNS\|IP\):/p' | sort -u)
  [[ -z $(comm -23 <(echo "$wanted") <(echo "$present")) ]] || echo 'it lacks a name or an address'
}

reason=$(why_not)
[[ -n $reason ]] || exit 0
if [[ $DRY_RUN == yes ]]; then
  echo "wanting: $reason"
  exit 0
fi

new_key=$(mktemp "$KEY.XXXXXX")
new_certificate=$(mktemp "$CERTIFICATE.XXXXXX")
trap 'rm -f "$new_key" "$new_certificate"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days "$DAYS" \
  -keyout "$new_key" -out "$new_certificate" -config <(
    cat <<CONFIG
[req]
distinguished_name = subject
x509_extensions = extensions
prompt = no
[subject]
CN = $short
[extensions]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
subjectAltName = $(paste -sd, <<<"$wanted")
CONFIG
  )
chmod 0600 "$new_key"
chmod 0644 "$new_certificate"
mv "$new_key" "$KEY"
mv "$new_certificate" "$CERTIFICATE"
echo "made: $reason"
