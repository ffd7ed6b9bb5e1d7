{{- define "palestra.environment" -}}
{{- $v := .Values -}}
- { name: PALESTRA_STATE, value: /var/lib/palestra }
{{- if and (not $v.database.sqlite) (not (include "palestra.databaseUrlInEnv" .)) }}
- name: PALESTRA_DATABASE_URL
  valueFrom: { secretKeyRef: { name: {{ include "palestra.secretName" . }}, key: database-url } }
{{- end }}
{{- if and $v.oidc $v.secrets.oidcClient (not $v.oidc.clientSecretEnv) }}
- name: PALESTRA_OIDC_SECRET
  valueFrom: { secretKeyRef: { name: {{ include "palestra.secretName" . }}, key: oidc-client-secret } }
{{- end }}
{{- if and $v.homes.s3 (not $v.homes.s3.accessKeyEnv) }}
{{- /* optional: a cluster may lend the account of the pod its rights by other means */}}
{{- range $name, $key := dict "AWS_ACCESS_KEY_ID" "s3-access-key" "AWS_SECRET_ACCESS_KEY" "s3-secret-key" }}
- name: {{ $name }}
  valueFrom: { secretKeyRef: { name: {{ include "palestra.secretName" $ }}, key: {{ $key }}, optional: true } }
{{- end }}
{{- end }}
{{- if $v.server.caConfigMap }}
- { name: NODE_EXTRA_CA_CERTS, value: /etc/palestra-ca/ca.crt }
{{- end }}
{{- with $v.server.env }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Loopback is not the kubelet's to reach: there the pod asks itself. */}}
{{- define "palestra.probe" -}}
{{- if eq .root.Values.server.host "127.0.0.1" -}}
exec:
  command: [/opt/palestra/bin/node, -e, "fetch('http://127.0.0.1:{{ include "palestra.port" .root }}{{ .path }}').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
{{- else -}}
httpGet: { path: {{ .path }}, port: http }
{{- end -}}
{{- end }}
