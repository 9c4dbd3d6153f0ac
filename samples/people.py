"""Spectators: simple figures of tubes and ellipsoids with a face, clothes and a pose. Metres, facing -y."""

import math
import random

import geometry as g

SKINS = [(0.62, 0.38, 0.27), (0.5, 0.29, 0.19), (0.3, 0.16, 0.09), (0.68, 0.45, 0.34), (0.13, 0.07, 0.045)]
SHIRTS = [(0.5, 0.03, 0.03), (0.03, 0.12, 0.4), (0.65, 0.63, 0.58), (0.6, 0.35, 0.03), (0.03, 0.22, 0.16),
          (0.05, 0.05, 0.06), (0.45, 0.2, 0.1), (0.2, 0.42, 0.6)]  # fmt: skip
TROUSERS = [(0.03, 0.05, 0.13), (0.06, 0.055, 0.05), (0.28, 0.22, 0.14), (0.12, 0.13, 0.15)]
HAIR = [(0.02, 0.012, 0.008), (0.09, 0.045, 0.02), (0.3, 0.18, 0.06), (0.25, 0.25, 0.25), (0.01, 0.01, 0.01)]
# Elbow and hand for the arm of the side +x; the arm of the side -x mirrors x.
ARMS = {
    "hang": ((0.255, 0.02, 1.16), (0.25, -0.06, 0.9)),
    "wave": ((0.36, -0.06, 1.55), (0.33, -0.12, 1.84)),
    "hip": ((0.37, 0.05, 1.19), (0.19, -0.05, 1.02)),
    "phone": ((0.24, -0.16, 1.25), (0.05, -0.3, 1.52)),
    "point": ((0.36, -0.15, 1.38), (0.48, -0.38, 1.42)),
    "pocket": ((0.31, 0.05, 1.17), (0.2, -0.06, 0.97)),
}


def head(skin, tone, hair, style):
    """Build a head with eyes, brows, nose, mouth and ears, and hair or a cap."""
    dark, white = g.plain("pupil", (0.015,) * 3, 0.2), g.plain("eye", (0.75, 0.74, 0.7), 0.3)
    lips = g.plain("lips", (tone[0] * 0.75, tone[1] * 0.45, tone[2] * 0.5), 0.5)
    parts = [g.ball("skull", (0, 0.01, 1.64), (0.08, 0.098, 0.115), skin, "person")]
    parts.append(g.ball("jaw", (0, -0.022, 1.585), (0.058, 0.066, 0.07), skin, "person"))
    parts.append(g.ball("nose", (0, -0.093, 1.622), (0.013, 0.02, 0.025), skin, "person", 12))
    smile = [(-0.03, -0.07, 1.583), (-0.015, -0.081, 1.574), (0, -0.085, 1.571), (0.015, -0.081, 1.574),
             (0.03, -0.07, 1.583)]  # fmt: skip
    parts.append(g.tube("mouth", smile, (0.003, 0.006, 0.007, 0.006, 0.003), lips, "person", 8))
    for side in (1, -1):
        parts.append(g.ball("ear", (side * 0.079, 0.015, 1.625), (0.012, 0.022, 0.033), skin, "person", 12))
        parts.append(g.ball("eye", (side * 0.032, -0.076, 1.648), (0.018, 0.011, 0.011), white, "person", 12))
        parts.append(g.ball("pupil", (side * 0.032, -0.085, 1.648), (0.0085, 0.004, 0.009), dark, "person", 12))
        parts.append(g.ball("brow", (side * 0.032, -0.083, 1.672), (0.02, 0.006, 0.005), hair, "person", 12))
    if style == "cap":
        parts.append(g.ball("cap", (0, 0.014, 1.685), (0.088, 0.104, 0.085), hair, "person"))
        parts.append(g.ball("visor", (0, -0.105, 1.7), (0.068, 0.075, 0.012), hair, "person"))
    else:
        parts.append(g.ball("hair", (0, 0.028, 1.692), (0.092, 0.104, 0.088), hair, "person"))
        parts.append(g.ball("nape", (0, 0.052, 1.64), (0.088, 0.075, 0.1), hair, "person"))
    if style == "long":
        parts.append(g.ball("locks", (0, 0.065, 1.54), (0.095, 0.05, 0.17), hair, "person"))
    return parts


def torso(shirt, trousers, wide):
    """Build hips and trunk as one stack of ellipses each."""

    def stack(name, rows, cloth):
        """Skin ellipses given as (z, half width, half depth)."""
        loops = []
        for z, w, d in rows:
            turns = [2 * math.pi * k / 20 for k in range(20)]
            loops.append([(wide * w * math.cos(t), wide * d * math.sin(t), z) for t in turns])
        return g.rings(name, loops, cloth, "person")

    hips = [(0.84, 0.13, 0.09), (0.9, 0.165, 0.11), (0.98, 0.16, 0.105), (1.03, 0.15, 0.1)]
    trunk = [(0.98, 0.168, 0.115), (1.1, 0.155, 0.108), (1.25, 0.175, 0.12), (1.37, 0.19, 0.118),
             (1.43, 0.185, 0.1), (1.465, 0.14, 0.08), (1.49, 0.085, 0.065), (1.515, 0.055, 0.052)]  # fmt: skip
    return [stack("hips", hips, trousers), stack("trunk", trunk, shirt)]


def figure(seed, right="hang", left="hang", style=None, colour=None):
    """Build one standing person as a prop; the seed chooses skin, hair and clothes."""
    dice = random.Random(seed)
    tone = dice.choice(SKINS)
    skin = g.plain("skin", tone, 0.55)
    hair = g.plain("hair", dice.choice(HAIR), 0.6)
    shirt = g.plain("shirt", colour or dice.choice(SHIRTS), 0.85)
    cloth, shoe = g.plain("trousers", dice.choice(TROUSERS), 0.9), g.plain("shoe", (0.5, 0.5, 0.48), 0.6)
    style = style or dice.choice(["short", "cap", "long"])
    cap = g.plain("cap", dice.choice(SHIRTS), 0.8)
    parts = head(skin, tone, cap if style == "cap" else hair, style)
    parts += torso(shirt, cloth, dice.uniform(0.92, 1.1))
    parts.append(g.tube("neck", [(0, 0.015, 1.44), (0, 0.005, 1.57)], (0.056, 0.05), skin, "person"))
    stride = dice.uniform(-0.05, 0.05)
    for side, pose in ((1, left), (-1, right)):
        hip, knee = (side * 0.085, 0, 0.92), (side * 0.105, -0.02 + side * stride, 0.5)
        ankle = (side * 0.115, 0.02 + side * stride, 0.08)
        parts.append(g.tube("leg", [hip, knee, ankle], (0.095, 0.066, 0.056), cloth, "person"))
        parts.append(g.ball("shoe", (ankle[0], ankle[1] - 0.06, 0.045), (0.05, 0.13, 0.05), shoe, "person"))
        shoulder = (side * 0.178, 0.005, 1.415)
        elbow, hand = ((side * x, y, z) for x, y, z in ARMS[pose])
        half = tuple((a + b) / 2 for a, b in zip(shoulder, elbow, strict=False))
        parts.append(g.ball("shoulder", shoulder, (0.06, 0.06, 0.058), shirt, "person"))
        parts.append(g.tube("sleeve", [shoulder, half, elbow], (0.058, 0.055, 0.05), shirt, "person"))
        parts.append(g.tube("arm", [elbow, hand], (0.042, 0.032), skin, "person"))
        parts.append(g.ball("elbow", elbow, (0.046, 0.046, 0.046), skin, "person"))
        parts.append(g.ball("hand", hand, (0.042, 0.04, 0.05), skin, "person"))
    return g.prop("person", parts)


def group(spots, seed=5):
    """Place people at (x, y, heading[, right, left]); the heading is where the face looks."""
    for k, (x, y, heading, *arms) in enumerate(spots):
        right, left = ([*arms, "hang", "hang"])[:2]
        person = figure(seed + k, right, left)
        tall = 0.95 + 0.02 * ((seed + 3 * k) % 6)
        g.place(person, (x, y, 0), heading + math.pi / 2, tall)


def crowd(spots, seed=11):
    """Place many people at (x, y, z, heading) from ten figures."""
    dice = random.Random(seed)
    poses = ["hang", "hip", "wave", "hang", "phone", "pocket", "hang", "wave", "hip", "hang"]
    kinds = [figure(seed * 7 + k, pose, poses[-k]) for k, pose in enumerate(poses)]
    for x, y, z, heading in spots:
        g.place(dice.choice(kinds), (x, y, z), heading + math.pi / 2 + dice.uniform(-0.5, 0.5),
                dice.uniform(0.92, 1.06))  # fmt: skip
