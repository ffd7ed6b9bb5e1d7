{{- define "lake.name" -}}
{{- printf "%s-data-lake" .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end }}

{{/* Never changes in the life of a release: selectors are immutable. */}}
{{- define "lake.selector" -}}
app.kubernetes.io/name: palestra-data-lake
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "lake.labels" -}}
{{ include "lake.selector" . }}
app.kubernetes.io/part-of: palestra
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "lake.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end -}}
{{- end -}}
{{- end }}

{{- define "lake.secretName" -}}
{{- .Values.secret | default (include "lake.name" .) -}}
{{- end }}

{{/* The lake's own folder below the state's: find-place.ts. */}}
{{- define "lake.folder" -}}
{{- if eq (int .Values.port) 31440 }}lake{{ else }}lake-{{ int .Values.port }}{{ end -}}
{{- end }}

{{/* Names and the places of their ports after the first one: place.ts. The steward speaks under Rucio's name. */}}
{{- define "lake.ports" -}}
iam: 3
fts: 6
rucio: 7
steward: 8
cnaf: 11
napoli: 12
archive: 13
root-cnaf: 31
root-napoli: 32
{{- end }}
