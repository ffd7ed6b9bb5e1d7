{{/* First parts of images' names that sandboxes may run: the operator's list, or the folders of the kits' own images. */}}
{{- define "palestra.registries" -}}
{{- $folders := list -}}
{{- range .Values.sandboxes.images }}{{ $folders = append $folders (printf "%s/" (dir .)) }}{{ end -}}
{{- .Values.sandboxes.registries | default (uniq $folders | sortAlpha) | toYaml -}}
{{- end }}

{{/* CEL over c, a container of a sandbox. Without a list none may run: an empty one is a mistake, not a permission. */}}
{{- define "palestra.sandboxImages" -}}
{{- $words := list -}}
{{- range include "palestra.registries" . | fromYamlArray }}{{ $words = append $words (printf "c.image.startsWith('%s')" .) }}{{ end -}}
{{- $words | join " || " | default "false" -}}
{{- end }}

{{/* CEL over c, a container of a learner's own: its image is one of those that they may run. */}}
{{- define "palestra.imagesAllowed" -}}
{{- $words := list -}}
{{- range .Values.learnerNamespaces.images }}{{ $words = append $words (printf "c.image.startsWith('%s')" .) }}{{ end -}}
{{- $words | join " || " | default "true" -}}
{{- end }}
