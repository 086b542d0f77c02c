# Shared by the scripts of the PostgreSQL server package of this stand-in.
# Written from the documented behaviour of EL's postgresql-setup, not from its source.

say() { printf ' * %s\n' "$1" >&2; }
complain() { printf 'ERROR: %s\n' "$1" >&2; }

# The last value of a variable among the Environment= and EnvironmentFile= settings of a unit.
# A file wins over Environment=, as it does in systemd.
unit_variable() {
    local unit=$1 name=$2 value="" word file
    local environment
    environment=$(systemctl show --property Environment --value "$unit.service") || return 1
    for word in $environment; do
        if [[ $word == "$name="* ]]; then
            value=${word#*=}
        fi
    done
    while read -r file _; do
        if [[ -r $file ]]; then
            word=$(sed -n "s/^[[:space:]]*$name=//p" "$file" | tail -n 1)
            value=${word:-$value}
        fi
    done < <(systemctl show --property EnvironmentFiles --value "$unit.service")
    printf '%s\n' "$value"
}
