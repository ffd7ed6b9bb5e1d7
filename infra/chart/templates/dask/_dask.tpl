{{- define "palestra.daskName" -}}
{{- include "palestra.name" . }}-dask
{{- end }}

{{/* Of the operator and of what makes its definitions; no selector of the server finds them. */}}
{{- define "palestra.daskSelector" -}}
app.kubernetes.io/name: palestra-dask-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "palestra.daskLabels" -}}
{{ include "palestra.daskSelector" . }}
app.kubernetes.io/part-of: palestra
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* The kit's own: learners' workers, what starts them and what runs them are of one version. */}}
{{- define "palestra.daskImage" -}}
{{- .Values.dask.operator.image | default (get .Values.sandboxes.images "dask") -}}
{{- end }}

{{- define "palestra.daskPod" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end }}
