{{/* palestra.yaml as the server reads it: what the chart decides laid over what the operator adds. */}}
{{- define "palestra.settings" -}}
{{- $v := .Values -}}
{{- $made := dict "host" $v.server.host "port" (include "palestra.port" . | int) "url" $v.url "warm" (fromYaml (include "palestra.warm" .)) -}}
{{- if $v.monitoring.metrics }}{{ $_ := set $made "metrics" (dict "host" $v.server.host "port" ($v.monitoring.port | int)) }}{{ end -}}
{{- with $v.oidc }}{{ $_ := set $made "oidc" (merge (deepCopy .) (dict "clientSecretEnv" "PALESTRA_OIDC_SECRET")) }}{{ end -}}
{{- with $v.groups }}{{ $_ := set $made "groups" . }}{{ end -}}
{{- $_ := set $made "namespaces" (mustMergeOverwrite (deepCopy $v.namespaces) (fromYaml (include "palestra.namespaces" .))) -}}
{{- $_ := set $made "services" (mustMergeOverwrite (fromYaml (include "palestra.services" .)) (deepCopy $v.services)) -}}
{{- $_ := set $made "driver" (fromYaml (include "palestra.driver" .)) -}}
{{- with $v.homes }}{{ $_ := set $made "homes" . }}{{ end -}}
{{- mustMergeOverwrite (deepCopy $v.config) $made | toYaml -}}
{{- end }}

{{/* During an event as many warm sandboxes as seats, never fewer than on other days. */}}
{{- define "palestra.warm" -}}
{{- $warm := deepCopy .Values.warm -}}
{{- range $kit, $seats := .Values.event.seats }}{{ $_ := set $warm $kit (max ($seats | int) (get $warm $kit | default 0 | int)) }}{{ end -}}
{{- toYaml $warm -}}
{{- end }}

{{- define "palestra.driver" -}}
kind: kubernetes
namespace: {{ .Values.sandboxes.namespace }}
{{- end }}

{{- define "palestra.namespaces" -}}
prefix: {{ .Values.learnerNamespaces.prefix }}
sandboxes: {{ .Values.sandboxes.namespace }}
server: { namespace: {{ .Release.Namespace }}, account: {{ include "palestra.name" . }} }
dns: { namespace: {{ .Values.sandboxes.dns.namespace }}, labels: {{ toJson .Values.sandboxes.dns.podLabels }}, ports: {{ toJson .Values.sandboxes.dns.ports }} }
{{- end }}

{{/* The lake of infra/data-lake is one machine's: in a pod it is somebody else's or none. */}}
{{- define "palestra.services" -}}
{{- if .Values.dataLake.endpoints -}}
data-lake: { command: [node, existing.ts, /etc/palestra-data-lake/address.json], admits: false }
{{- else -}}
data-lake: false
{{- end -}}
{{- end }}

{{- define "palestra.lakeAddress" -}}
ca: {{ ternary "/etc/palestra-data-lake/ca.pem" nil (ne .ca "") | toJson }}
issuer: {{ .issuer | default nil | toJson }}
endpoints: {{ toJson .endpoints }}
audiences: {{ toJson .audiences }}
env: {{ toJson .env }}
{{- end }}
