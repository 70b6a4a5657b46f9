const REGION = /^[a-z]{2}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/;

/** Whether a text looks like a region of AWS, such as `us-east-1`. */
export const isRegion = (text: string): boolean => REGION.test(text);
