{{/* What everything of the server is called: the release, unless it already says palestra. */}}
{{- define "palestra.name" -}}
{{- $name := .Release.Name -}}
{{- if not (contains "palestra" $name) }}{{ $name = printf "%s-palestra" $name }}{{ end -}}
{{- $name | trunc 50 | trimSuffix "-" -}}
{{- end }}

{{/* Never changes in the life of a release: selectors are immutable. */}}
{{- define "palestra.selector" -}}
app.kubernetes.io/name: palestra-server
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "palestra.labels" -}}
{{ include "palestra.selector" . }}
app.kubernetes.io/part-of: palestra
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* Of objects that are about sandboxes and not part of the server: no selector of the server finds them. */}}
{{- define "palestra.sandboxLabels" -}}
app.kubernetes.io/name: palestra-sandboxes
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: palestra
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "palestra.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end -}}
{{- end -}}
{{- end }}

{{/* The Secret that holds what nobody may read: the operator's, or the one made for development. */}}
{{- define "palestra.secretName" -}}
{{- .Values.secrets.existing | default (printf "%s-keys" (include "palestra.name" .)) -}}
{{- end }}

{{- define "palestra.hostname" -}}
{{- (urlParse .Values.url).hostname -}}
{{- end }}

{{/* Where the server listens. On a loopback browsers come through a port-forward, and the server itself asks its own
     identity provider by its url: both must find the same port. */}}
{{- define "palestra.port" -}}
{{- $host := (urlParse .Values.url).host -}}
{{- if and (eq .Values.server.host "127.0.0.1") (contains ":" $host) }}{{ splitList ":" $host | last }}{{ else }}4747{{ end -}}
{{- end }}
