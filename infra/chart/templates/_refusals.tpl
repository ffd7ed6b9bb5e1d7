{{/* What no schema can say: values that fit one by one and not together. Each sentence says what to write instead. */}}
{{- define "palestra.refuse" -}}
{{- $v := .Values -}}
{{- if not $v.url }}{{ fail "\n\nurl is missing: write what browsers type, for instance\n  url: https://palestra.example.org\n" }}{{ end -}}
{{- if and (not (hasPrefix "https://" $v.url)) (ne (include "palestra.hostname" .) "localhost") }}
{{- fail (printf "\n\nurl: %s must begin with https:// (browsers keep the login's cookie nowhere else but on localhost).\n" $v.url) }}{{ end -}}
{{- if and (not $v.secrets.existing) (not $v.secrets.generate) }}
{{- fail "\n\nNo keys: make a Secret as docs/operating/kubernetes.md shows and name it in secrets.existing.\nOn your own machine: secrets.generate: true (keys made by the chart, readable in the release's history).\n" }}{{ end -}}
{{- if and $v.secrets.existing $v.secrets.generate }}{{ fail "\n\nsecrets.existing and secrets.generate exclude each other: leave one of them out.\n" }}{{ end -}}
{{- if and $v.database.sqlite (or (gt ($v.server.replicas | int) 1) $v.autoscaling.enabled) }}
{{- fail "\n\ndatabase.sqlite keeps the database inside one pod: set server.replicas to 1, or leave it out and put database-url into the Secret.\n" }}{{ end -}}
{{- if and $v.secrets.generate (not $v.database.sqlite) (not (include "palestra.databaseUrlInEnv" .)) }}
{{- fail "\n\nsecrets.generate makes no database: set database.sqlite: true with server.replicas: 1, or name a database in server.env (PALESTRA_DATABASE_URL).\n" }}{{ end -}}
{{- if and (not $v.oidc) (ne $v.server.host "127.0.0.1") }}
{{- fail "\n\noidc is missing: Palestra does not listen to a network with the development identity provider, which lets anybody in.\nFor yourself alone: server.host: 127.0.0.1, server.replicas: 1, url: http://localhost:4747, and kubectl port-forward.\n" }}{{ end -}}
{{- if and (eq $v.server.host "127.0.0.1") (or $v.ingress.enabled $v.gateway.enabled) }}
{{- fail "\n\nserver.host: 127.0.0.1 is reached by kubectl port-forward alone: leave ingress and gateway out, or leave server.host out.\n" }}{{ end -}}
{{- if and (eq $v.server.host "127.0.0.1") (gt ($v.server.replicas | int) 1) }}
{{- fail "\n\nserver.host: 127.0.0.1 is for one replica: each would be an identity provider of its own.\n" }}{{ end -}}
{{- if and $v.homes.volume (eq (toString (dig "persistentvolumeclaims" "" ($v.sandboxes.quota | default dict))) "0") }}
{{- fail "\n\nhomes.volume makes a volume for each lab, and sandboxes.quota allows none: say how many there may be, for instance\n  sandboxes: { quota: { persistentvolumeclaims: '200' } }\n" }}{{ end -}}
{{- if and (not $v.database.sqlite) (not $v.homes.s3) (not $v.homes.volume) (not (dig "folder" "shared" false $v.homes)) }}
{{- fail "\n\nhomes is missing: servers that share a database must share a store of labs' files, or they do not start. For instance\n  homes: { s3: { endpoint: https://s3.example.org, bucket: palestra-homes } }\nwith its keys as s3-access-key and s3-secret-key in the Secret.\n" }}{{ end -}}
{{- if and $v.dask.operator.enabled (not $v.learnerNamespaces.enabled) }}
{{- fail "\n\ndask.operator works in namespaces of learners, and there are none: set learnerNamespaces.enabled: true, or leave the operator out.\n" }}{{ end -}}
{{- if and $v.dask.operator.enabled (not (include "palestra.daskImage" .)) }}
{{- fail "\n\ndask.operator.image is missing: name the image of the kit dask in sandboxes.images.dask, or one of your own here.\n" }}{{ end -}}
{{- if and $v.dataLake.enabled $v.dataLake.endpoints }}
{{- fail "\n\ndataLake.enabled and dataLake.endpoints exclude each other: the chart's own lake, or the one that is there already.\n" }}{{ end -}}
{{- if and $v.dataLake.enabled $v.oidc }}
{{- fail "\n\ndataLake.enabled is for the development sign-in, whose tokens its issuer shares: with oidc name a Rucio that takes that provider's tokens, in dataLake.endpoints.\n" }}{{ end -}}
{{- if eq $v.sandboxes.namespace .Release.Namespace }}
{{- fail (printf "\n\nsandboxes.namespace must not be %s, where the server is: what may change sandboxes could then change the server.\n" .Release.Namespace) }}{{ end -}}
{{- if or (hasPrefix "kube-" $v.sandboxes.namespace) (eq $v.sandboxes.namespace "default") }}
{{- fail (printf "\n\nsandboxes.namespace: %s is the cluster's own; take another name.\n" $v.sandboxes.namespace) }}{{ end -}}
{{- $registries := include "palestra.registries" . | fromYamlArray -}}
{{- range $kit, $image := $v.sandboxes.images }}
{{- $known := false }}{{ range $registries }}{{ if hasPrefix . $image }}{{ $known = true }}{{ end }}{{ end }}
{{- if not $known }}{{ fail (printf "\n\nsandboxes.images.%s: %s is of no registry in sandboxes.registries (%s).\n" $kit $image (join ", " $registries)) }}{{ end }}{{ end -}}
{{- range $key := list "host" "port" "url" "oidc" "groups" "warm" "driver" "homes" "metrics" "namespaces" "store" "services" "limits" }}
{{- if hasKey $v.config $key }}{{ fail (printf "\n\nconfig.%s: the chart has a value of its own for it (see values.schema.json); take it out of config.\n" $key) }}{{ end }}{{ end -}}
{{- if and $v.ingress.enabled (hasPrefix "https://" $v.url) (not $v.ingress.tlsSecret) (not (index $v.ingress.annotations "cert-manager.io/cluster-issuer")) (not (index $v.ingress.annotations "cert-manager.io/issuer")) }}
{{- fail "\n\ningress.tlsSecret is missing: the Secret with the certificate for the portal's host (and, in previewsTlsSecret, for *.host).\n" }}{{ end -}}
{{- if and $v.gateway.enabled (not $v.gateway.parentRefs) }}{{ fail "\n\ngateway.parentRefs is missing: name the Gateway that listens for the portal's host and for *.host.\n" }}{{ end -}}
{{- range $key, $_ := $v.server.podLabels }}
{{- if or (hasPrefix "app.kubernetes.io/" $key) (hasPrefix "palestra.dev/" $key) (eq $key "app") }}{{ fail (printf "\n\nserver.podLabels: %s is what selectors look for; take another label.\n" $key) }}{{ end }}{{ end -}}
{{- range $one := $v.server.env }}
{{- if has $one.name (list "PALESTRA_STATE" "NODE_OPTIONS" "PALESTRA_OIDC_SECRET") }}{{ fail (printf "\n\nserver.env: %s is the chart's own.\n" $one.name) }}{{ end }}{{ end -}}
{{- end }}

{{- define "palestra.databaseUrlInEnv" -}}
{{- range .Values.server.env }}{{ if eq .name "PALESTRA_DATABASE_URL" }}yes{{ end }}{{ end -}}
{{- end }}
