{{/* palestra.yaml as the server reads it: what the chart decides beside what the operator adds. */}}
{{- define "palestra.settings" -}}
{{- $v := .Values -}}
{{- $made := dict "host" $v.server.host "port" (include "palestra.port" . | int) "url" $v.url "warm" (fromYaml (include "palestra.warm" .)) -}}
{{- if $v.monitoring.metrics }}{{ $_ := set $made "metrics" (dict "host" $v.server.host "port" ($v.monitoring.port | int)) }}{{ end -}}
{{- with $v.oidc }}{{ $_ := set $made "oidc" (merge (deepCopy .) (ternary (dict "clientSecretEnv" "PALESTRA_OIDC_SECRET") dict $v.secrets.oidcClient)) }}{{ end -}}
{{- with $v.groups }}{{ $_ := set $made "groups" . }}{{ end -}}
{{- with $v.homes }}{{ $_ := set $made "homes" . }}{{ end -}}
{{- $_ := set $made "services" (mustMergeOverwrite (fromYaml (include "palestra.services" .)) (deepCopy $v.services)) -}}
{{- $_ := set $made "namespaces" (mustMergeOverwrite (deepCopy $v.namespaces) (fromYaml (include "palestra.namespaces" .))) -}}
{{ mustMergeOverwrite (deepCopy $v.config) $made | toYaml }}
driver: {{- include "palestra.driver" . | nindent 2 }}
limits: {{- include "palestra.limits" . | nindent 2 }}
{{- end }}

{{/* During an event as many warm sandboxes as seats, never fewer than on other days. */}}
{{- define "palestra.warm" -}}
{{- $warm := deepCopy .Values.warm -}}
{{- range $kit, $seats := .Values.event.seats }}{{ $_ := set $warm $kit (max ($seats | int) (get $warm $kit | default 0 | int)) }}{{ end -}}
{{- toYaml $warm -}}
{{- end }}

{{/* As text, for numbers that went through YAML once come out as 1.073741824e+09. */}}
{{- define "palestra.driver" -}}
{{- $s := .Values.sandboxes -}}
kind: kubernetes
namespace: {{ $s.namespace }}
images: {{ toJson $s.images }}
pullPolicy: {{ $s.pullPolicy }}
requests: { memory: {{ include "palestra.bytes" $s.requests.memory }}, cpu: {{ include "palestra.cores" $s.requests.cpu }} }
hours: {{ $s.hours }}
userNamespaces: {{ $s.userNamespaces }}
{{- with $s.runtimeClassName }}
runtimeClass: {{ . | quote }}
{{- end }}
{{- with $s.priorityClassName }}
priorityClass: {{ . | quote }}
{{- end }}
{{- with $s.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- end }}

{{- define "palestra.limits" -}}
{{- with .Values.sandboxes.limits -}}
memory: {{ include "palestra.bytes" .memory }}
disk: {{ include "palestra.bytes" .disk }}
pids: {{ .pids }}
cpu: {{ include "palestra.cores" .cpu }}
{{- end }}
{{- end }}

{{- define "palestra.bytes" -}}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $unit := regexFind "[A-Za-z]*$" (toString .) -}}
{{- mulf (trimSuffix $unit (toString .) | float64) (get $units $unit | float64) | int64 -}}
{{- end }}

{{- define "palestra.cores" -}}
{{- $text := toString . -}}
{{- if hasSuffix "m" $text }}{{ divf (trimSuffix "m" $text | float64) 1000.0 }}{{ else }}{{ float64 $text }}{{ end -}}
{{- end }}

{{- define "palestra.namespaces" -}}
enabled: {{ .Values.learnerNamespaces.enabled }}
daskOperator: {{ .Values.dask.operator.enabled }}
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
