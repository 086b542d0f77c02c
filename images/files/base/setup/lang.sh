# The language of login shells, from /etc/locale.conf unless the caller has set one.
if [ -z "$LANG" ] && [ -r /etc/locale.conf ]; then
    . /etc/locale.conf
    export LANG
    for name in LC_CTYPE LC_MESSAGES LC_TIME LC_COLLATE LC_MONETARY LC_ALL; do
        eval "[ -n \"\${$name-}\" ]" && export "$name"
    done
    unset name
fi
