"""Returns objects whose class has a name with a lone surrogate, markup and a megabyte; and no function but such an object."""
# expect: scale=failed|crashed total=missing score=0


class Meta(type):
    @property
    def __name__(cls):
        return "\ud800\x1b[2J<script>alert(1)</script>" + "x" * 1_000_000


class Named(metaclass=Meta):
    pass


def scale(x, factor):
    return Named()


total = Named()
