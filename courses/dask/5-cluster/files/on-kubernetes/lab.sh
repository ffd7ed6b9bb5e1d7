# JupyterLab with Dask's panel, on a port of the sandbox's own: only you can open its preview, so it asks for no token.
cd ~/on-kubernetes || exit 1
export DASK_CONFIG=~/on-kubernetes/dask
exec jupyter lab --no-browser --ip 127.0.0.1 --port 8890 --ServerApp.port_retries=0 --IdentityProvider.token= \
  --LabApp.templates_dir="$(python page.py)"
