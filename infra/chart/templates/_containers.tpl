{{/* Of every container: nothing that it does not need. */}}
{{- define "palestra.locked" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}
