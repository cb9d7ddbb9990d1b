"""The architectures of the lectures, from AlexNet to SENet: what is called, on which inputs, and for how many points."""

# Architectures in the words of autograder.grader.rules.plan. They are written here once more, independently of the solved
# notebook: every reference is held against its plan before anybody is graded, and the plans against the published counts.


def alexnet_plan(width=1, classes=1000, groups=1):
    a, b, c, d, e = (int(width * n) for n in (96, 256, 384, 256, 4096))
    g = f"g{groups}"
    return (
        f"conv11/4v:{a}b relu max3/2v conv5:{b}{g}b relu max3/2v conv3:{c}b relu conv3:{c}{g}b relu conv3:{d}{g}b relu max3/2v "
        f"dense:{e} relu dropout dense:{e} relu dropout dense:{classes}"
    )


def vgg_plan(stages, width=1, classes=1000):
    words = []
    for filters, count in zip((64, 128, 256, 512, 512), stages):
        words += [f"conv3:{int(width * filters)}b relu"] * count + ["max2/2"]
    hidden = f"dense:{int(width * 4096)} relu dropout"
    return " ".join([*words, hidden, hidden, f"dense:{classes}"])


GOOGLENET = (
    (64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64), "pool",
    (192, 96, 208, 16, 48, 64), (160, 112, 224, 24, 64, 64), (128, 128, 256, 24, 64, 64), (112, 144, 288, 32, 64, 64),
    (256, 160, 320, 32, 128, 128), "pool",
    (256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128),
)  # fmt: skip


def googlenet_plan(modules=GOOGLENET, width=1, classes=1000):
    def conv(size, filters, stride=""):
        return f"conv{size}{stride}:{int(width * filters)}b relu"

    words = [conv(7, 64, "/2"), "max3/2", conv(1, 64), conv(3, 192), "max3/2"]
    for module in modules:
        if module == "pool":
            words.append("max3/2")
            continue
        one, three_reduce, three, five_reduce, five, pool = module
        words.append(
            f"( {conv(1, one)} | {conv(1, three_reduce)} {conv(3, three)} | {conv(1, five_reduce)} {conv(5, five)} "
            f"| max3 {conv(1, pool)} ) concat"
        )
    return " ".join([*words, "mean dropout", f"dense:{classes}"])


RESNETS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}


def resnet_plan(stages, width=1, classes=1000, *, bottleneck=True, stride_on="3x3", groups=1, inner=64, ratio=0):
    """Also ResNeXt (32 groups, inner 128) and SE-ResNet (ratio 16)."""
    out = 4 if bottleneck else 1
    words, channels = [f"conv7/2:{int(width * 64)} norm relu max3/2"], int(width * 64)
    g = f"g{int(width * groups)}" if groups > 1 else ""
    for stage, count in enumerate(stages):
        middle, wide = int(width * inner * 2**stage), int(width * 64 * out * 2**stage)
        for block in range(count):
            step = "/2" if stage and not block else ""
            first, second = (step, "") if stride_on == "1x1" else ("", step)
            if bottleneck:
                path = f"conv1{first}:{middle} norm relu conv3{second}:{middle}{g} norm relu conv1:{wide} norm"
            else:
                path = f"conv3{step}:{wide} norm relu conv3:{wide} norm"
            if ratio:
                path += f" ( | mean dense:{wide // ratio} relu dense:{wide} sigmoid ) multiply"
            shortcut = f"conv1{step}:{wide} norm" if step or channels != wide else ""
            words.append(f"( {path} | {shortcut} ) add relu")
            channels = wide
    return " ".join([*words, "mean", f"dense:{classes}"])


DENSENETS = {121: (6, 12, 24, 16), 169: (6, 12, 32, 32), 201: (6, 12, 48, 32)}


def densenet_plan(stages, width=1, classes=1000):
    growth, channels = int(width * 32), int(width * 64)
    words = [f"conv7/2:{channels} norm relu max3/2"]
    for stage, count in enumerate(stages):
        if stage:
            channels //= 2
            words.append(f"norm relu conv1:{channels} avg2/2")
        words += [f"( | norm relu conv1:{4 * growth} norm relu conv3:{growth} ) concat"] * count
        channels += count * growth
    return " ".join([*words, "norm relu mean", f"dense:{classes}"])
