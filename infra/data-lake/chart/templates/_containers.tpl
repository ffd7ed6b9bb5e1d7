{{/*
A container of one part. Each is shown its own folders and certificates and no others, the authority's key is nobody's.
Argument: root, name, and what it may see: paths below the state's folder; `keys`: names of certificates;
`database`: the socket of PostgreSQL.
*/}}
{{- define "lake.container" -}}
{{- $v := .root.Values -}}
{{- $lake := include "lake.folder" .root -}}
{{- $health := add (int $v.port) 40 .at -}}
- name: {{ .name }}
  image: {{ include "lake.image" .root | quote }}
  imagePullPolicy: {{ $v.image.pullPolicy }}
  args: [run, {{ .name }}]
  {{- if .before }}
  # goes on running; the next is started once this one is well
  restartPolicy: Always
  {{- end }}
  env: {{- include "lake.environment" .root | nindent 4 }}
    {{- if .token }}
    - { name: PALESTRA_LAKE_STEWARD_TOKEN, value: /etc/palestra-lake/steward }
    {{- end }}
  startupProbe: { httpGet: { path: /, port: {{ $health }} }, periodSeconds: 1, timeoutSeconds: 10, failureThreshold: 180 }
  readinessProbe: { httpGet: { path: /, port: {{ $health }} }, periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 3 }
  resources:
    requests: {{- toYaml $v.resources.requests | nindent 6 }}
    limits: { memory: {{ get $v.memory .name }} }
  securityContext: {{- include "lake.locked" . | nindent 4 }}
  volumeMounts:
    - { name: scratch, mountPath: /tmp, subPath: {{ .name }}/tmp }
    - { name: scratch, mountPath: /var/lib/palestra/{{ $lake }}/run, subPath: {{ .name }}/run }
    - { name: data, mountPath: /etc/ssl/certs/ca-certificates.crt, subPath: {{ $lake }}/authority/bundle.crt, readOnly: true }
    {{- range list "ca.pem" "bundle.crt" "certificates" }}
    - { name: data, mountPath: /var/lib/palestra/{{ $lake }}/authority/{{ . }}, subPath: {{ $lake }}/authority/{{ . }}, readOnly: true }
    {{- end }}
    {{- range $name := .keys }}{{ range list "pem" "key" }}
    - { name: data, mountPath: /var/lib/palestra/{{ $lake }}/authority/hosts/{{ $name }}.{{ . }}, subPath: {{ $lake }}/authority/hosts/{{ $name }}.{{ . }}, readOnly: true }
    {{- end }}{{ end }}
    - { name: data, mountPath: /var/lib/palestra/{{ $lake }}/log, subPath: {{ $lake }}/log }
    {{- range .folders }}
    - { name: data, mountPath: /var/lib/palestra/{{ $lake }}/{{ . }}, subPath: {{ $lake }}/{{ . }} }
    {{- end }}
    {{- range .idp }}
    - { name: data, mountPath: /var/lib/palestra/{{ . }}, subPath: {{ . }} }
    {{- end }}
    {{- if .database }}
    - { name: sockets, mountPath: /run/palestra }
    {{- else }}
    - { name: scratch, mountPath: /run/palestra, subPath: {{ .name }}/tmp }
    {{- end }}
    {{- if .token }}
    - { name: secret, mountPath: /etc/palestra-lake/steward, subPath: steward, readOnly: true }
    {{- end }}
{{- end }}

{{- define "lake.environment" -}}
- { name: PALESTRA_LAKE_IN_POD, value: 'yes' }
- { name: PALESTRA_LAKE_PORT, value: {{ .Values.port | int | quote }} }
- { name: TMPDIR, value: /run/palestra }
{{- end }}

{{- define "lake.locked" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}
