{{/*
Made once and found again at each upgrade: with another authority sandboxes would trust nobody, with another key no
token would be good. In one dictionary of the release, so that a first install makes them once and not for each file.
*/}}
{{- define "lake.secret" -}}
{{- $kept := (lookup "v1" "Secret" .Release.Namespace (include "lake.secretName" .)).data | default dict -}}
{{- if not (hasKey .Release "lakeSecret") -}}
{{- $ca := genCA "Palestra lake authority" 1825 -}}
{{- $made := dict
  "ca.pem" ($ca.Cert | b64enc)
  "ca.key" ($ca.Key | b64enc)
  "signing.pem" (genPrivateKey "rsa" | b64enc)
  "clients.json" (dict "palestra" (randAlphaNum 43) "rucio" (randAlphaNum 43) | toJson | b64enc)
  "steward" (randAlphaNum 43 | b64enc) -}}
{{- $_ := set .Release "lakeSecret" (merge (pick $kept "ca.pem" "ca.key" "signing.pem" "clients.json" "steward") $made) -}}
{{- end -}}
{{- .Release.lakeSecret | toYaml -}}
{{- end }}
