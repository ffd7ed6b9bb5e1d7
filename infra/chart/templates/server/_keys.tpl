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

{{/*
The public half of a private Ed25519 key in PEM. There is no function for it: a certificate made with the key holds
it, 12 bytes that say "Ed25519" and then the 32 of the key.
*/}}
{{- define "palestra.publicHalf" -}}
{{- $certificate := (genSelfSignedCertWithKey "palestra" nil nil 1 .).Cert -}}
{{- $der := regexReplaceAll "-----[A-Z ]+-----|\\s" $certificate "" | b64dec -}}
{{- $key := regexFind "(?s)^.*?\\x30\\x2a\\x30\\x05\\x06\\x03\\x2b\\x65\\x70\\x03\\x21\\x00" $der | len -}}
-----BEGIN PUBLIC KEY-----
{{ substr (sub $key 12 | int) (add $key 32 | int) $der | b64enc }}
-----END PUBLIC KEY-----
{{- end }}
