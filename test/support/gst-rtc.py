"""
A WebRTC client of GStreamer's: publishes a tone with pauses, of which it sends nothing (DTX), by WHIP, or listens by WHEP and says how loud it is.
Arguments: publish|play, URL, secret.
"""
import sys
import urllib.request
import gi
gi.require_version('Gst', '1.0')
gi.require_version('GstWebRTC', '1.0')
gi.require_version('GstSdp', '1.0')
from gi.repository import GLib, Gst, GstSdp, GstWebRTC

mode, url, secret = sys.argv[1:]
Gst.init(None)
pipeline = Gst.Pipeline.new('client')
rtc = Gst.ElementFactory.make('webrtcbin', 'rtc')
rtc.set_property('bundle-policy', GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
pipeline.add(rtc)
CAPS = 'application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,payload=97,encoding-params=(string)2'


def tell_offer(element, _):
    """All candidates are in the offer: nothing is trickled."""
    if element.get_property('ice-gathering-state') != GstWebRTC.WebRTCICEGatheringState.COMPLETE:
        return
    offer = element.get_property('local-description').sdp.as_text()
    request = urllib.request.Request(url, offer.encode(), {'content-type': 'application/sdp', 'authorization': 'Bearer ' + secret})
    answer = urllib.request.urlopen(request).read()
    _, message = GstSdp.SDPMessage.new_from_text(answer.decode())
    element.emit('set-remote-description', GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message), Gst.Promise.new())


def on_offer(promise, element):
    promise.wait()
    reply = promise.get_reply()
    offer = reply.get_value('offer')
    done = Gst.Promise.new()
    element.emit('set-local-description', offer, done)
    done.interrupt()


def on_pad(_, pad):
    if pad.direction != Gst.PadDirection.SRC:
        return
    sink = Gst.parse_bin_from_description('rtpopusdepay ! opusdec ! audioconvert ! level interval=200000000 ! fakesink sync=false', True)
    pipeline.add(sink)
    pad.link(sink.get_static_pad('sink'))
    sink.sync_state_with_parent()


def on_message(_, message):
    structure = message.get_structure()
    if structure is not None and structure.get_name() == 'level':
        print('level', structure.get_value('rms')[0], flush=True)


rtc.connect('on-negotiation-needed', lambda element: element.emit('create-offer', None, Gst.Promise.new_with_change_func(on_offer, element)))
rtc.connect('notify::ice-gathering-state', tell_offer)
rtc.connect('pad-added', on_pad)
if mode == 'publish':
    wave = 'freq=800 volume=0.3 wave=ticks sine-periods-per-tick=640 tick-interval=1600000000'
    tone = Gst.parse_bin_from_description('audiotestsrc is-live=true ' + wave + ' ! audioconvert ! audioresample ! audio/x-raw,rate=48000,channels=2 ! opusenc inband-fec=true dtx=true ! rtpopuspay pt=97 dtx=true ! capsfilter caps="' + CAPS + '"', True)
    pipeline.add(tone)
    tone.link(rtc)
else:
    rtc.emit('add-transceiver', GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, Gst.Caps.from_string(CAPS))
bus = pipeline.get_bus()
bus.add_signal_watch()
bus.connect('message::element', on_message)
pipeline.set_state(Gst.State.PLAYING)
GLib.MainLoop().run()
