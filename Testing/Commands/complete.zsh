# complete.zsh FOLDER LINE: what zsh offers at the end of LINE, with FOLDER's completion functions; a word a line.
zmodload zsh/zpty
hits=$(mktemp)
setup=$(mktemp)
cat > $setup <<EOF
PROMPT= RPROMPT=
fpath=(${(q)1} \$fpath)
autoload -U compinit
compinit -u -D
bindkey '^I' complete-word
compadd () {
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)[[:space:]]* ]]; then builtin compadd "\$@"; return; fi
  local -a found
  builtin compadd -A found "\$@"
  print -rl -- \$found >> $hits
  builtin compadd "\$@"
}
finish () { print DONE >> $hits }
comppostfuncs=( finish )
print READY > $hits
EOF
zpty z "zsh -f -i"
zpty -w z "source $setup"
for i in {1..100}; do [[ -s $hits ]] && break; sleep 0.1; done
zpty -w -n z "$2"$'\t'
for i in {1..100}; do grep -q DONE $hits && break; sleep 0.1; done
zpty -d z
grep -v '^\(READY\|DONE\)$' $hits | grep . | sort -u
rm -f $hits $setup
