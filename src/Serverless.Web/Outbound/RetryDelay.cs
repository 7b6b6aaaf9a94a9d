using System.Net.Http.Headers;

namespace Serverless.Web.Outbound;

/// <summary>How long a server wants to be left in peace (RFC 9110, 10.2.3), a day at most.</summary>
internal static class RetryDelay
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    /// <summary>The delay that a header says, as seconds or as a date; null when it says nothing, or a time that has passed.</summary>
    public static TimeSpan? Find(RetryConditionHeaderValue? header, DateTimeOffset now) => (header?.Delta ?? (header?.Date - now)) switch
    {
        { } delay when delay > s_longest => s_longest,
        { } delay when delay > TimeSpan.Zero => delay,
        _ => null,
    };
}
