using Azure;
using Azure.Storage.Queues.Models;

namespace Serverless.FunctionsHost.Queues;

/// <summary>Why storage refuses a call.</summary>
internal static class QueueErrors
{
    extension(RequestFailedException e)
    {
        /// <summary>Whether it is for one of these reasons; what is between here and storage gives none.</summary>
        public bool IsOneOf(params ReadOnlySpan<QueueErrorCode> codes) => e.ErrorCode is { } code && codes.Contains(new QueueErrorCode(code));
    }
}
