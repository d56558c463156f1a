"""What analytics.js asks its CDN for before it sends anything: where to send, and to load nothing else."""

import msgspec


def sdk_settings(write_key: str, host: str, protocol: str) -> bytes:
    """Settings for @segment/analytics-next whose `cdnURL` points at this host."""
    api_host = f"{host}/v1"
    everything = {"__default": {"enabled": True, "integrations": {}}}
    return msgspec.json.encode(
        {
            "integrations": {
                "Segment.io": {
                    "apiKey": write_key,
                    "apiHost": api_host,
                    "protocol": "https" if protocol == "https" else "http",
                    "retryQueue": True,
                    "addBundledMetadata": True,
                    "unbundledIntegrations": [],
                    "maybeBundledConfigIds": {},
                    "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
                }
            },
            "plan": {"track": everything, "identify": everything, "group": everything},
            "edgeFunction": {},
            "middlewareSettings": {},
            "enabledMiddleware": {},
            "analyticsNextEnabled": True,
            "metrics": {"sampleRate": 0, "host": api_host},
            "legacyVideoPluginsEnabled": False,
            "remotePlugins": [],
        }
    )
