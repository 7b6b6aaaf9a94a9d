using Serverless.Registry.Copying;

namespace Serverless.Registry.Mirrors;

/// <summary>
/// Whether a source can be asked at the moment, as far as this instance knows. One that did not answer is left in peace for a moment, and one that asks for peace for as long as it asks:
/// requests meanwhile are answered at once from what is here, instead of each waiting for the same trouble.
/// </summary>
internal sealed class SourceState(TimeProvider time)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(10);

    // Whatever a source says: things get better sooner than it thinks, and one request in a while does no harm.
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private ImageSourceException? _failure;
    private DateTimeOffset _until;

    /// <exception cref="ImageSourceException">It is left in peace.</exception>
    public void Demand()
    {
        lock (_lock)
        {
            if (_failure is null) return;
            var left = _until - time.GetUtcNow();
            if (left > TimeSpan.Zero) throw new ImageSourceException(_failure.Message, _failure) { IsTransient = true, IsRateLimit = _failure.IsRateLimit, RetryAfter = left };
            _failure = null;
        }
    }

    public void Failed(ImageSourceException failure)
    {
        if (!failure.IsTransient) return;
        lock (_lock)
        {
            var pause = failure.RetryAfter ?? s_pause;
            var until = time.GetUtcNow() + (pause < s_longest ? pause : s_longest);
            if (_failure is null || until > _until) (_failure, _until) = (failure, until);
        }
    }
}
