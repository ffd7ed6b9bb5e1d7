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

{{/* The chart's own lake, somebody else's, or none. */}}
{{- define "palestra.services" -}}
{{- if .Values.dataLake.enabled -}}
data-lake: { command: [node, existing.ts, /etc/palestra-data-lake/address.json] }
{{- else if .Values.dataLake.endpoints -}}
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

{{/* Where the chart's own lake is: infra/data-lake/address.ts for pods. Names and ports are the lake's, `to` is its Service. */}}
{{- define "palestra.ownLakeAddress" -}}
{{- $lake := index .Values "data-lake" -}}
{{- $first := int $lake.port -}}
{{- $to := printf "%s.%s.svc" (include "lake.name" .) .Release.Namespace -}}
{{- $ports := include "lake.ports" . | fromYaml -}}
{{- $endpoints := list -}}
{{- $elements := list -}}
{{- range $name := list "iam" "fts" "rucio" "cnaf" "napoli" "archive" "root-cnaf" "root-napoli" -}}
{{- $port := add $first (get $ports $name) | int -}}
{{- $host := printf "%s.palestra.test" (trimPrefix "root-" $name) -}}
{{- $endpoints = append $endpoints (dict "name" $name "host" $host "port" $port "to" (dict "host" $to "port" $port)) -}}
{{- if has $name (list "cnaf" "napoli" "archive") }}{{ $elements = append $elements (printf "%s_USERDISK=https://%s:%d" (upper $name) $host $port) }}{{ end -}}
{{- end -}}
ca: /etc/palestra-data-lake/ca.pem
issuer: https://iam.palestra.test:{{ add $first $ports.iam }}/
endpoints: {{ toJson $endpoints }}
audiences: [rucio, cnaf.palestra.test, napoli.palestra.test, archive.palestra.test, fts.palestra.test]
env:
  PALESTRA_LAKE_RUCIO: https://rucio.palestra.test:{{ add $first $ports.rucio }}
  PALESTRA_LAKE_ELEMENTS: {{ join " " $elements }}
  RUCIO_ACCOUNT: '{{ "{{user}}" }}'
plain: [root-cnaf, root-napoli]
far:
  host: rucio.palestra.test
  to: { host: {{ $to }}, port: {{ add $first $ports.steward }} }
  token: /etc/palestra-data-lake/steward
{{- end }}
