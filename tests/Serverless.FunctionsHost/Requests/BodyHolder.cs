namespace Serverless.FunctionsHost.Requests;

/// <summary>
/// Holds bodies whose length is said, whole, before the worker hears of them, as the host does. It counts their bytes alone: the host keeps each as a string of UTF-16, twice the bytes,
/// and with its copies on the way takes about five times the bytes in all (564 MB for a body of 99 MB). Bodies in chunks stream and are not counted.
/// </summary>
internal sealed class BodyHolder
{
    // The longest string of .NET has this many characters; the host cannot work with a longer body whatever its limit is.
    private const long LongestString = 1_073_741_791;

    private readonly Lock _lock = new();

    /// <summary>The bytes of all bodies that are held now.</summary>
    public long BytesHeld { get; private set; }

    /// <summary>The most that <see cref="BytesHeld"/> has been.</summary>
    public long PeakBytesHeld { get; private set; }

    /// <summary>Reads the body and puts it back in memory; it is held until the returned object is disposed of. Null if the body is larger than the host takes, or breaks off.</summary>
    public async Task<IDisposable?> TryHoldAsync(HttpContext http)
    {
        if (http.Request.ContentLength is not ({ } length and > 0)) return new Hold(this, 0);
        if (length > LongestString) return null;
        try
        {
            // Kestrel refuses the first read of a body above the limit.
            var first = await http.Request.BodyReader.ReadAsync(http.RequestAborted);
            http.Request.BodyReader.AdvanceTo(first.Buffer.Start);
            var hold = new Hold(this, length);
            try
            {
                var body = new byte[length];
                await http.Request.Body.ReadExactlyAsync(body, http.RequestAborted);
                http.Request.Body = new MemoryStream(body, writable: false);
                return hold;
            }
            catch
            {
                hold.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is BadHttpRequestException or IOException or OperationCanceledException)
        {
            return null;
        }
    }

    private void Count(long bytes)
    {
        lock (_lock)
        {
            BytesHeld += bytes;
            PeakBytesHeld = Math.Max(PeakBytesHeld, BytesHeld);
        }
    }

    private sealed class Hold : IDisposable
    {
        private readonly BodyHolder _holder;
        private readonly long _bytes;

        public Hold(BodyHolder holder, long bytes)
        {
            (_holder, _bytes) = (holder, bytes);
            holder.Count(bytes);
        }

        public void Dispose() => _holder.Count(-_bytes);
    }
}
