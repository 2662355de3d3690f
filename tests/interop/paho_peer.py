"""Paho as the other side: publishes one message, or prints those it receives as lines of JSON."""

import base64
import json
import sys

import paho.mqtt.client as mqtt

job = json.loads(sys.argv[1])
version = mqtt.MQTTv5 if job["protocol"] == 5 else mqtt.MQTTv311
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=version)
if "username" in job:
    client.username_pw_set(job["username"], job["password"])


def say(**line):
    print(json.dumps(line), flush=True)


def on_connect(client, userdata, flags, reason, properties):
    if "payload" in job:
        client.publish(job["topic"], base64.b64decode(job["payload"]), qos=job["qos"])
    else:
        client.subscribe(job["topic"], qos=job["qos"])


def on_message(client, userdata, message):
    say(topic=message.topic, payload=base64.b64encode(message.payload).decode(), qos=message.qos)


client.on_connect = on_connect
client.on_subscribe = lambda *_: say(ready=True)
client.on_publish = lambda client, *_: client.disconnect()
client.on_message = on_message
client.connect(job["host"], job["port"])
client.loop_forever(retry_first_connection=False)
