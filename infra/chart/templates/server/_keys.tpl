{{/*
Keys for development, made once and found again at each upgrade: with others every session would end and every
sandbox would close its door. In one list, so that a first install makes them once and not for each file.
*/}}
{{- define "palestra.developmentKeys" -}}
{{- $kept := (lookup "v1" "Secret" .Release.Namespace (include "palestra.secretName" .)).data | default dict -}}
{{- if not (hasKey .Release "palestraKeys") -}}
{{- $_ := set .Release "palestraKeys" (dict
  "session" (get $kept "session" | default (randBytes 32 | b64enc))
  "current" (get $kept "ticket-current.pem" | default (genPrivateKey "ed25519" | b64enc))
  "next" (get $kept "ticket-next.pem" | default (genPrivateKey "ed25519" | b64enc))) -}}
{{- end -}}
{{- .Release.palestraKeys | toYaml -}}
{{- end }}
