set -eEu -o pipefail
here=$PWD
export REST_AUTH__SERVER__BIND=127.0.0.1:$PORT REST_AUTH__SERVER__PUBLIC_URL=http://localhost:8000
export REST_AUTH__EMAIL__BACKEND=file REST_AUTH__EMAIL__FILE_PATH=$here/mails
export REST_AUTH__AUTH__ARGON2_MEMORY_KIB=64 REST_AUTH__AUTH__ARGON2_TIME_COST=1
API=http://localhost:8000/api/auth PASSWORD='correct horse battery staple'
KEY='' ACCESS='' REFRESH='' MAILED='' server='' line=0

rest-auth() { "$REST_AUTH" "$@"; }

# The status of an answer is kept beside it.
curl() {
    command curl --silent --show-error --max-time 20 --write-out '%{stderr}%{http_code}' "$@" 2>status
}

# at LINE: the next command is there in the page.
at() {
    line=$1
    rm -f status
    mailed
}

# What the newest mail has at the end of its link.
mailed() {
    local newest
    newest=$(ls -t mails/*.eml 2>/dev/null | head -1) || true
    [ -n "$newest" ] || return 0
    MAILED=$(sed -e ':a' -e '/=\r\{0,1\}$/{N;s/=\r\{0,1\}\n//;ba}' "$newest" | tr -d '\r' \
        | grep -o 'http://localhost[^ "<]*/' | head -1 | sed 's|/$||; s|.*/||') || true
}

keep() {
    local found
    found=$(sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$2" | tail -1)
    [ -z "$found" ] || printf -v "$3" %s "$found"
}

# done_well NUMBER: the command has ended, and what it asked for was not refused.
done_well() {
    answered "$1"
    case $(cat "status.$1") in
        [45]*)
            printf 'line %s: %s %s\n' "$line" "$(cat "status.$1")" "$(cat "out.$1")" >&2
            exit 1
            ;;
    esac
}

refused() { answered "$1"; }

answered() {
    if [ -e status ]; then mv status "status.$1"; else : >"status.$1"; fi
    keep key "out.$1" KEY
    keep access "out.$1" ACCESS
    keep refresh "out.$1" REFRESH
    # A mail is there a moment after the answer.
    if [ -s "status.$1" ]; then sleep 0.3; fi
}

stop() {
    [ -z "$server" ] || { kill "$server" && wait "$server" || true; }
    server=''
}

# started PID: waits until the server answers.
started() {
    server=$1
    local _
    for _ in $(seq 300); do
        if command curl --silent --output /dev/null "http://127.0.0.1:$PORT/healthz"; then return; fi
        kill -0 "$server" || { cat server.log >&2; exit 1; }
        sleep 0.1
    done
    cat server.log >&2
    exit 1
}

# A server without configuration, and ada, who is logged in.
begin() {
    "$REST_AUTH" serve >server.log 2>&1 &
    started $!
    printf '{"username":"ada","email":"ada@example.com","email_verified":true,"password":"%s"}' \
        "$PASSWORD" | rest-auth user create >/dev/null
    log_in
}

log_in() {
    command curl --silent "$API/login/" -d username=ada --data-urlencode "password=$PASSWORD" >login
    keep key login KEY
    keep access login ACCESS
    keep refresh login REFRESH
}

# The server goes on with the configuration in standard input.
go_on() {
    cat >rest-auth.toml
    stop
    "$REST_AUTH" serve --config rest-auth.toml >server.log 2>&1 &
    started $!
    log_in
}

complain() {
    printf 'line %s: failed\n' "$line" >&2
    cat out.* 2>/dev/null | tail -5 >&2 || true
}
trap complain ERR
trap stop EXIT

